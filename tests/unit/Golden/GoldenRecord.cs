using System.Text.Json;

namespace Pathway.Tests.Unit.Golden;

/// <summary>A record as Debezium emitted it.</summary>
/// <param name="Number">Its number in the scenario, from 1.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="Key">Key with schema; null for none.</param>
/// <param name="Value">Value with schema; null for a tombstone.</param>
internal sealed record GoldenRecord(int Number, string Topic, JsonElement? Key, JsonElement? Value)
{
    /// <summary>Key as Avro, in the form of Confluent; null for none.</summary>
    public byte[]? KeyAvro { get; private init; }

    /// <summary>Value as Avro; null for a tombstone.</summary>
    public byte[]? ValueAvro { get; private init; }

    /// <summary>Whether Avro refused the key or the value.</summary>
    public bool IsRefusedByAvro { get; private init; }

    /// <summary>Names and values of the headers: text, and JSON with schema.</summary>
    public IReadOnlyList<(string Name, string? Simple, JsonElement Json)> Headers { get; private init; } = [];

    /// <summary>Whether it is a heartbeat, of which there are as many as there was time.</summary>
    public bool IsHeartbeat => Topic.StartsWith("__debezium-heartbeat", StringComparison.Ordinal);

    /// <summary>Where a loaded row stands in the initial load; null for everything else.</summary>
    public string? SnapshotPlace =>
        Value is { } value && value.GetProperty("payload") is { ValueKind: JsonValueKind.Object } payload && payload.TryGetProperty("op", out var op) && op.GetString() == "r" ? payload.GetProperty("source").GetProperty("snapshot").GetString() : null;

    /// <summary>Reads a line of records.jsonl.</summary>
    public static GoldenRecord Parse(string line)
    {
        var root = JsonDocument.Parse(line).RootElement;
        return new GoldenRecord(root.GetProperty("n").GetInt32(), root.GetProperty("topic").GetString()!, Of(root, "keyJson"), Of(root, "valueJson"))
        {
            KeyAvro = Of(root, "keyAvro")?.GetBytesFromBase64(),
            ValueAvro = Of(root, "valueAvro")?.GetBytesFromBase64(),
            IsRefusedByAvro = Of(root, "keyAvroError") is not null || Of(root, "valueAvroError") is not null,
            Headers = [.. root.GetProperty("headers").EnumerateArray().Select(header => (header.GetProperty("key").GetString()!, header.GetProperty("valueSimple").GetString(), header.GetProperty("valueJson")))],
        };
    }

    private static JsonElement? Of(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
