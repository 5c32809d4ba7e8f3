using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>Key or value of a record: what it carries, and the schema that it names or brings along.</summary>
internal readonly ref struct RecordSide
{
    private readonly JsonDocument? _document;

    private RecordSide(JsonDocument document) => (_document, Root) = (document, document.RootElement);

    /// <summary>The schema's JSON text, as Kafka Connect writes it along; empty where there is none.</summary>
    public ReadOnlySpan<byte> Json { get; private init; }

    /// <summary>The Avro schema; null where it isn't Avro.</summary>
    public AvroNode? Avro { get; private init; }

    /// <summary>What is carried; undefined where there is nothing.</summary>
    public JsonElement Root { get; }

    /// <summary>Whether a schema says what the values mean.</summary>
    public bool HasSchema => Avro is not null || !Json.IsEmpty;

    /// <summary>The object that is carried; null where it is none.</summary>
    public JsonElement? Object => Root.ValueKind == JsonValueKind.Object ? Root : null;

    /// <summary>From JSON, with or without schema.</summary>
    /// <exception cref="JsonException">It isn't JSON.</exception>
    public static RecordSide OfJson(ReadOnlySpan<byte> json)
    {
        var parts = JsonParts.Of(json);
        var reader = new Utf8JsonReader(parts.Payload);
        return new RecordSide(JsonDocument.ParseValue(ref reader)) { Json = parts.Schema };
    }

    /// <summary>From Avro, already told as JSON.</summary>
    public static RecordSide OfAvro(AvroNode schema, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return new RecordSide(JsonDocument.ParseValue(ref reader)) { Avro = schema };
    }

    /// <summary>The row's fields by the schema: those of <paramref name="sides"/> within an envelope, else its own.</summary>
    /// <exception cref="FormatException">The schema has no such side.</exception>
    public IReadOnlyList<FieldSchema> FieldsOf(params ReadOnlySpan<string> sides)
    {
        if (Avro is not null)
        {
            var node = sides.IsEmpty ? Avro.NotNull : null;
            foreach (var side in sides) node ??= Avro.NotNull.Find(side);
            return node is null ? throw NoSide() : [.. node.Fields.Select(f => f.Type.ToField(f.Name))];
        }

        using var schema = JsonDocument.Parse(Json.ToArray());
        JsonElement? row = sides.IsEmpty ? schema.RootElement : null;
        foreach (var side in sides) row ??= FieldSchema.Find(schema.RootElement, side);
        return FieldSchema.FieldsOf(row ?? throw NoSide());
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose() => _document?.Dispose();

    private static FormatException NoSide() => new("its schema has neither 'after' nor 'before'. If it is a row without envelope, say so (unwrapped)");
}
