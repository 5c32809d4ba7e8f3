using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes schemas the way Kafka Connect's JsonConverter does.</summary>
internal static class JsonSchemaText
{
    /// <summary>The schema of a key or a value.</summary>
    public static void Write(ConnectSchema schema, ref RecordOutput output) => Write(schema, field: null, ref output);

    private static void Write(ConnectSchema schema, string? field, ref RecordOutput output)
    {
        output.Raw("{\"type\":\""u8);
        output.Raw(Word(schema.Type));
        output.Raw("\""u8);
        WriteContent(schema, ref output);
        output.Raw(schema.IsOptional ? ",\"optional\":true"u8 : ",\"optional\":false"u8);
        WriteText(",\"name\":"u8, schema.Name, ref output);
        if (schema.Version is { } version)
        {
            output.Raw(",\"version\":"u8);
            output.Number(version);
        }

        WriteText(",\"doc\":"u8, schema.Doc, ref output);
        WriteParameters(schema, ref output);
        if (schema.DefaultJson is { } value)
        {
            output.Raw(",\"default\":"u8);
            output.Raw(value);
        }

        WriteText(",\"field\":"u8, field, ref output);
        output.Raw("}"u8);
    }

    private static void WriteContent(ConnectSchema schema, ref RecordOutput output)
    {
        switch (schema.Type)
        {
            case ConnectType.Struct:
                output.Raw(",\"fields\":["u8);
                for (var i = 0; i < schema.Fields.Count; i++)
                {
                    if (i > 0) output.Raw(","u8);
                    Write(schema.Fields[i].Schema, schema.Fields[i].Name, ref output);
                }

                output.Raw("]"u8);
                break;
            case ConnectType.Array:
                output.Raw(",\"items\":"u8);
                Write(schema.Items!, field: null, ref output);
                break;
            case ConnectType.Map:
                output.Raw(",\"keys\":"u8);
                Write(schema.Keys!, field: null, ref output);
                output.Raw(",\"values\":"u8);
                Write(schema.Items!, field: null, ref output);
                break;
            default:
                break;
        }
    }

    private static void WriteParameters(ConnectSchema schema, ref RecordOutput output)
    {
        if (schema.Parameters.Count == 0) return;
        output.Raw(",\"parameters\":{"u8);
        for (var i = 0; i < schema.Parameters.Count; i++)
        {
            if (i > 0) output.Raw(","u8);
            output.Quoted(Encoding.UTF8.GetBytes(schema.Parameters[i].Key), escapeSupplementary: true);
            output.Raw(":"u8);
            output.Quoted(Encoding.UTF8.GetBytes(schema.Parameters[i].Value), escapeSupplementary: true);
        }

        output.Raw("}"u8);
    }

    private static void WriteText(ReadOnlySpan<byte> label, string? text, ref RecordOutput output)
    {
        if (text is null) return;
        output.Raw(label);
        output.Quoted(Encoding.UTF8.GetBytes(text), escapeSupplementary: true);
    }

    private static ReadOnlySpan<byte> Word(ConnectType type) => type switch
    {
        ConnectType.Int8 => "int8"u8,
        ConnectType.Int16 => "int16"u8,
        ConnectType.Int32 => "int32"u8,
        ConnectType.Int64 => "int64"u8,
        ConnectType.Float32 => "float"u8,
        ConnectType.Float64 => "double"u8,
        ConnectType.Boolean => "boolean"u8,
        ConnectType.String => "string"u8,
        ConnectType.Bytes => "bytes"u8,
        ConnectType.Array => "array"u8,
        ConnectType.Map => "map"u8,
        _ => "struct"u8,
    };
}
