using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes schemas the way Confluent's AvroConverter registers them: the very text, since a registry finds known schemas again by it.</summary>
internal sealed class AvroSchemaText
{
    private const string Decimal = "org.apache.kafka.connect.data.Decimal";
    private const string MapEntry = "io.confluent.connect.avro.MapEntry";
    private const int PrecisionWhereUnknown = 64;

    private static readonly Dictionary<string, string> LogicalTypes = new()
    {
        [Decimal] = "decimal",
        ["org.apache.kafka.connect.data.Date"] = "date",
        ["org.apache.kafka.connect.data.Time"] = "time-millis",
        ["org.apache.kafka.connect.data.Timestamp"] = "timestamp-millis",
    };

    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    /// <summary>The text of a schema.</summary>
    /// <exception cref="Core.ConfigurationException">A field's name isn't legal in Avro.</exception>
    public static string Of(ConnectSchema schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var output = new RecordOutput(buffer, Wire.Json);
        new AvroSchemaText().Write(schema with { IsOptional = false }, within: null, ref output);
        output.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Write(ConnectSchema schema, string? within, ref RecordOutput output)
    {
        if (!schema.IsOptional)
        {
            WriteType(schema, within, ref output);
            return;
        }

        output.Raw(schema.DefaultJson is null ? "[\"null\","u8 : "["u8);
        WriteType(schema, within, ref output);
        output.Raw(schema.DefaultJson is null ? "]"u8 : ",\"null\"]"u8);
    }

    private void WriteType(ConnectSchema schema, string? within, ref RecordOutput output)
    {
        switch (schema.Type)
        {
            case ConnectType.Struct:
                WriteRecord(schema, within, ref output);
                return;
            case ConnectType.Array:
                output.Raw("{\"type\":\"array\",\"items\":"u8);
                Write(schema.Items!, within, ref output);
                break;
            case ConnectType.Map when schema.Keys!.Type == ConnectType.String:
                output.Raw("{\"type\":\"map\",\"values\":"u8);
                Write(schema.Items!, within, ref output);
                break;
            case ConnectType.Map:
                // A map with other keys is an array of entries.
                output.Raw("{\"type\":\"array\",\"items\":"u8);
                Write(new ConnectSchema(ConnectType.Struct) { Name = MapEntry, Fields = [new("key", schema.Keys!), new("value", schema.Items!)] }, within, ref output);
                break;
            default:
                var word = Word(schema.Type);
                if (!HasProperties(schema))
                {
                    Text(word, ref output);
                    return;
                }

                output.Raw("{\"type\":"u8);
                Text(word, ref output);
                break;
        }

        WriteProperties(schema, ref output);
        output.Raw("}"u8);
    }

    private void WriteRecord(ConnectSchema schema, string? within, ref RecordOutput output)
    {
        var name = schema.Name!;
        var dot = name.LastIndexOf('.');
        var space = dot < 0 ? "" : name[..dot];
        if (!_named.Add(name))
        {
            Text(space == within ? name[(dot + 1)..] : name, ref output);
            return;
        }

        AvroNames.Check(name[(dot + 1)..], name);
        output.Raw("{\"type\":\"record\",\"name\":"u8);
        Text(name[(dot + 1)..], ref output);
        if (space != (within ?? "")) Property("namespace", space, ref output);
        output.Raw(",\"fields\":["u8);
        for (var i = 0; i < schema.Fields.Count; i++)
        {
            if (i > 0) output.Raw(","u8);
            WriteField(schema.Fields[i], name, space, ref output);
        }

        output.Raw("]"u8);
        WriteProperties(schema, ref output);
        output.Raw("}"u8);
    }

    private void WriteField(ConnectField field, string record, string within, ref RecordOutput output)
    {
        AvroNames.Check(field.Name, record);
        output.Raw("{\"name\":"u8);
        Text(field.Name, ref output);
        output.Raw(",\"type\":"u8);
        Write(field.Schema, within, ref output);
        if (field.Schema.DefaultJson is not null)
        {
            output.Raw(",\"default\":"u8);
            WriteDefault(field.Schema, ref output);
        }
        else if (field.Schema.IsOptional)
        {
            output.Raw(",\"default\":null"u8);
        }

        output.Raw("}"u8);
    }

    private static bool HasProperties(ConnectSchema schema) =>
        schema.Doc is not null || schema.Version is not null || schema.Parameters.Count > 0 || schema.DefaultJson is not null || schema.Name is not null || IsShort(schema.Type);

    private static void WriteProperties(ConnectSchema schema, ref RecordOutput output)
    {
        if (schema.Name == Decimal) WriteDecimal(schema, ref output);
        if (schema.Doc is { } doc) Property("connect.doc", doc, ref output);
        if (schema.Version is { } version) Number("connect.version", version, ref output);
        if (schema.Parameters.Count > 0)
        {
            output.Raw(",\"connect.parameters\":{"u8);
            for (var i = 0; i < schema.Parameters.Count; i++)
            {
                if (i > 0) output.Raw(","u8);
                Text(schema.Parameters[i].Key, ref output);
                output.Raw(":"u8);
                Text(schema.Parameters[i].Value, ref output);
            }

            output.Raw("}"u8);
        }

        if (schema.DefaultJson is not null)
        {
            output.Raw(",\"connect.default\":"u8);
            WriteDefault(schema, ref output);
        }

        if (schema.Name is { } name and not MapEntry) Property("connect.name", name, ref output);
        if (IsShort(schema.Type)) Property("connect.type", schema.Type == ConnectType.Int8 ? "int8" : "int16", ref output);
        if (schema.Name is { } logical && LogicalTypes.TryGetValue(logical, out var type)) Property("logicalType", type, ref output);
    }

    private static void WriteDecimal(ConnectSchema schema, ref RecordOutput output)
    {
        var precision = schema.Parameters.FirstOrDefault(parameter => parameter.Key == "connect.decimal.precision").Value;
        Number("scale", int.Parse(schema.Parameters[0].Value, CultureInfo.InvariantCulture), ref output);
        Number("precision", precision is null ? PrecisionWhereUnknown : int.Parse(precision, CultureInfo.InvariantCulture), ref output);
    }

    /// <summary>A default in Avro's JSON: bytes as text of their numbers, floating-point numbers as Java prints them.</summary>
    private static void WriteDefault(ConnectSchema schema, ref RecordOutput output)
    {
        using var json = JsonDocument.Parse(schema.DefaultJson!);
        var value = json.RootElement;
        switch (schema.Type)
        {
            case ConnectType.Bytes: Text(Encoding.Latin1.GetString(value.GetBytesFromBase64()), ref output); break;
            case ConnectType.String: Text(value.GetString()!, ref output); break;
            case ConnectType.Float32 or ConnectType.Float64 when value.ValueKind == JsonValueKind.Number:
                output.Raw(Encoding.ASCII.GetBytes(schema.Type == ConnectType.Float32 ? JavaDouble.Text(value.GetSingle()) : JavaDouble.Text(value.GetDouble())));
                break;
            default: output.Raw(schema.DefaultJson!); break;
        }
    }

    private static bool IsShort(ConnectType type) => type is ConnectType.Int8 or ConnectType.Int16;

    private static void Property(string name, string value, ref RecordOutput output)
    {
        output.Raw(","u8);
        Text(name, ref output);
        output.Raw(":"u8);
        Text(value, ref output);
    }

    private static void Number(string name, int value, ref RecordOutput output)
    {
        output.Raw(","u8);
        Text(name, ref output);
        output.Raw(":"u8);
        output.Number(value);
    }

    private static void Text(string text, ref RecordOutput output) => output.Quoted(Encoding.UTF8.GetBytes(text), escapeSupplementary: false);

    private static string Word(ConnectType type) => type switch
    {
        ConnectType.Int8 or ConnectType.Int16 or ConnectType.Int32 => "int",
        ConnectType.Int64 => "long",
        ConnectType.Float32 => "float",
        ConnectType.Float64 => "double",
        ConnectType.Boolean => "boolean",
        ConnectType.String => "string",
        _ => "bytes",
    };
}
