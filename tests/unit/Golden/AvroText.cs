using Avro;
using Avro.Generic;
using Avro.IO;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Reads records with Apache.Avro.</summary>
internal static class AvroText
{
    private static readonly Dictionary<string, Schema> Parsed = new(StringComparer.Ordinal);

    /// <summary>The value in a record in Confluent's form, read under its schema.</summary>
    public static object? Read(byte[] record, string schema)
    {
        using var stream = new MemoryStream(record, 5, record.Length - 5);
        var value = new GenericDatumReader<object>(Parse(schema), Parse(schema)).Read(null!, new BinaryDecoder(stream));
        Assert.Equal(stream.Length, stream.Position);
        return value;
    }

    /// <summary>What Apache.Avro writes for a value, without the number of the schema.</summary>
    public static byte[] Write(object? value, string schema)
    {
        using var stream = new MemoryStream();
        new GenericDatumWriter<object>(Parse(schema)).Write(value!, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private static Schema Parse(string text)
    {
        lock (Parsed)
        {
            if (!Parsed.TryGetValue(text, out var schema)) Parsed.Add(text, schema = ParseNew(text));
            return schema;
        }
    }

    // Apache.Avro takes no decimal whose scale is larger than its precision, which Postgres allows, and no date that DateTime can't hold: those are read as bytes and numbers.
    private static Schema ParseNew(string text)
    {
        foreach (var type in new[] { "date", "time-millis", "timestamp-millis" }) text = Without(text, type);
        try
        {
            return Schema.Parse(text);
        }
        catch (AvroTypeException)
        {
            return Schema.Parse(Without(text, "decimal"));
        }
    }

    private static string Without(string text, string type) => text.Replace($"\"logicalType\":\"{type}\"", $"\"was\":\"{type}\"", StringComparison.Ordinal);
}
