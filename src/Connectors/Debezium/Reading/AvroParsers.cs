using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Parsers of Avro in the form of Confluent: a zero byte, the number of the schema in a registry, the binary form.</summary>
public static class AvroParsers
{
    /// <summary>An Avro value with the members of <typeparamref name="T"/>, read by the schema that its number names: of a topic's values, or of its keys.</summary>
    /// <remarks>
    /// Members are found by the names of fields, in any case and without underscores; fields that the type doesn't have are left out, missing and null ones are errors unless the type allows them. Unions are the value of their branch,
    /// enums their label, bytes base64; of logical types dates and times come as such, decimals as numbers.
    /// </remarks>
    /// <param name="schemas">The registry.</param>
    /// <typeparam name="T">The row, or the key: also a simple type.</typeparam>
    public static IParser<T> Of<T>(ISchemaSource schemas) => new AvroParser<T>(schemas);

    private sealed class AvroParser<T>(ISchemaSource schemas) : IParser<T>
    {
        private readonly Dictionary<int, AvroNode> _known = [];
        private readonly ArrayBufferWriter<byte> _json = new();
        private readonly Utf8JsonWriter _writer = new(new ArrayBufferWriter<byte>(), new JsonWriterOptions { SkipValidation = true });
        private readonly IParser<T> _parser = Parsers.Json<T>();

        public T Parse(ReadOnlySpan<byte> bytes)
        {
            if (bytes is not [0, ..]) throw new FormatException("it isn't Avro with a schema registry's number, which begins with a zero byte");
            if (bytes.Length < 5) throw new FormatException($"it has {bytes.Length} bytes, which is too short for the number of an Avro schema");
            _json.ResetWrittenCount();
            _writer.Reset(_json);
            new AvroReader(bytes[5..], logical: true).Write(SchemaOf(BinaryPrimitives.ReadInt32BigEndian(bytes[1..])), _writer);
            _writer.Flush();
            return _parser.Parse(_json.WrittenSpan);
        }

        private AvroNode SchemaOf(int id)
        {
            if (_known.TryGetValue(id, out var schema)) return schema;
            var type = RowJson.Options.GetTypeInfo(typeof(T));
            var members = type.Properties.Select(p => p.Name).ToList();
            return _known[id] = AvroNode.Parse(schemas.SchemaOf(id)).WithNames(name => members.Find(m => PlainName.Of(m) == PlainName.Of(name)) ?? name);
        }
    }
}
