using System.Buffers.Binary;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Compares records as Avro bytes; what is another in each run is brought to the recorded value first, through the fields' places in the envelope.</summary>
internal static class GoldenAvro
{
    private static readonly HashSet<string> Nothing = [];

    /// <summary>The first difference between the records and schemas of a scenario and ours; null for none.</summary>
    public static string? FirstDifference(GoldenScenario golden, IReadOnlyList<FoundRecord> found, MemoryRegistry ours)
    {
        var schemas = golden.Schemas.DistinctBy(schema => schema.Id).ToDictionary(schema => schema.Id, schema => schema.Schema);
        var recorded = golden.Records.Where(record => !record.IsHeartbeat).ToList();
        var records = found.Where(record => !record.Topic.StartsWith("__debezium-heartbeat", StringComparison.Ordinal)).ToList();
        if (recorded.Count != records.Count) return $"{golden.Name}: {recorded.Count} records were expected, {records.Count} are there.";
        foreach (var (record, our) in recorded.Zip(records))
        {
            var label = $"{golden.Name}, record {record.Number} ({record.Topic})";
            if (Difference($"{label}, key", record.KeyAvro, our.Key, schemas, ours, Nothing) is { } inKey) return inKey;
            if (Difference($"{label}, value", record.ValueAvro, our.Value, schemas, ours, GoldenComparer.MaskedInAvro(record)) is { } inValue) return inValue;
        }

        // Heartbeats come when there is time for them, so that their schemas have other numbers.
        var isBeating = golden.Records.Any(record => record.IsHeartbeat);
        var (expected, registered) = (golden.Schemas.Select(schema => isBeating ? schema with { Id = 0 } : schema).ToHashSet(), ours.Registered.Select(schema => isBeating ? schema with { Id = 0 } : schema).ToHashSet());
        return expected.Except(registered).Concat(registered.Except(expected)).Select(schema => $"{golden.Name}: schema {schema} isn't in both").FirstOrDefault();
    }

    /// <summary>The first difference between a recorded key or value and ours; null for none.</summary>
    /// <param name="label">What is compared.</param>
    /// <param name="expected">As recorded; null for none.</param>
    /// <param name="found">Ours; null for none.</param>
    /// <param name="recordedSchemas">The recorded schemas by number.</param>
    /// <param name="ours">Our registry.</param>
    /// <param name="masked">Full paths of fields that are brought to the recorded value.</param>
    public static string? Difference(string label, byte[]? expected, byte[]? found, IReadOnlyDictionary<int, string> recordedSchemas, MemoryRegistry ours, IReadOnlySet<string> masked)
    {
        if (expected is null || found is null) return expected is null == found is null ? null : $"{label}: expected {(expected is null ? "nothing" : "a value")}, found {(found is null ? "nothing" : "a value")}";
        var (expectedId, foundId) = (BinaryPrimitives.ReadInt32BigEndian(expected.AsSpan(1)), BinaryPrimitives.ReadInt32BigEndian(found.AsSpan(1)));
        var (expectedSchema, foundSchema) = (recordedSchemas[expectedId], ours.SchemaOf(foundId));
        if (expectedSchema != foundSchema) return $"{label}: schema differs: {FirstDifference(expectedSchema, foundSchema)}";
        if (expectedId != foundId) return $"{label}: expected schema {expectedId}, found {foundId}";
        var recorded = AvroText.Read(expected, expectedSchema);
        var value = AvroText.Read(found, foundSchema);
        if (!AvroText.Write(value, foundSchema).AsSpan().SequenceEqual(found.AsSpan(5))) return $"{label}: Apache.Avro writes other bytes of the same value";
        AvroMask.Apply(recorded, value, "", masked);
        return AvroText.Write(value, foundSchema).AsSpan().SequenceEqual(expected.AsSpan(5)) ? null : $"{label}: bytes differ: expected {AvroMask.Show(recorded)}, found {AvroMask.Show(value)}";
    }

    /// <summary>Where two texts part.</summary>
    public static string FirstDifference(string expected, string found)
    {
        var at = 0;
        while (at < expected.Length && at < found.Length && expected[at] == found[at]) at++;
        string Around(string text) => text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 120)];
        return $"expected …{Around(expected)}…, found …{Around(found)}…";
    }
}
