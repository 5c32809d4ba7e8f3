using System.Globalization;
using System.Text.Json;

namespace Pathway.Tests.Unit.Golden;

/// <summary>What of a record isn't compared, since it is another in each run.</summary>
[Flags]
internal enum GoldenMasks
{
    /// <summary>Nothing but what Debezium's documentation of the recordings calls volatile: the time of writing, and of loaded rows place and time of reading.</summary>
    Recorded = 0,

    /// <summary>LSNs, transaction ids and commit times as well: for a replay on another server.</summary>
    Replayed = 1,
}

/// <summary>A record of ours.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Key">Its key as JSON; null for none.</param>
/// <param name="Value">Its value as JSON; null for a tombstone.</param>
/// <param name="Headers">Its headers.</param>
internal sealed record FoundRecord(string Topic, byte[]? Key, byte[]? Value, IReadOnlyList<(string Name, byte[] Value)> Headers);

/// <summary>A difference between a recorded record and ours.</summary>
/// <param name="Part">topic, key, value or headers.</param>
/// <param name="Path">Where in it.</param>
/// <param name="Expected">As recorded.</param>
/// <param name="Found">Ours.</param>
internal sealed record GoldenDifference(string Part, string Path, string Expected, string Found)
{
    public override string ToString() => $"{Part}, {Path}: expected {Expected}, found {Found}";
}

/// <summary>Compares records as JSON values in field order, floating-point fields as numbers.</summary>
internal static class GoldenComparer
{
    private static readonly string[] Always = ["$.ts_ms", "$.ts_us", "$.ts_ns"];
    private static readonly string[] OfPlace = ["$.source.ts_ms", "$.source.ts_us", "$.source.ts_ns", "$.source.lsn", "$.source.txId", "$.source.sequence"];

    /// <summary>The first difference between the records of a scenario and ours, with scenario, record and path; null for none.</summary>
    public static string? FirstDifference(GoldenScenario golden, IReadOnlyList<FoundRecord> found, bool schemas, GoldenMasks masks)
    {
        var ours = found.Where(record => !IsHeartbeat(record.Topic)).GetEnumerator();
        foreach (var record in golden.Records.Where(record => !record.IsHeartbeat))
        {
            var label = $"{golden.Name}, record {record.Number} ({record.Topic})";
            if (!ours.MoveNext()) return $"{label}: there are no more records; {golden.Records.Count} were expected.";
            if (Differences(record, ours.Current, schemas, masks).FirstOrDefault() is { } difference) return $"{label}, {difference}";
        }

        if (ours.MoveNext()) return $"{golden.Name}: there are records beyond the {golden.Records.Count} that were expected, the first in topic {ours.Current.Topic}.";
        var beat = golden.Records.FirstOrDefault(record => record.IsHeartbeat);
        if (beat is null) return null;
        var ourBeat = found.FirstOrDefault(record => IsHeartbeat(record.Topic));
        return ourBeat is null ? $"{golden.Name}: there is no heartbeat." : Differences(beat, ourBeat, schemas, masks).FirstOrDefault()?.ToString();
    }

    /// <summary>All differences between a recorded record and ours.</summary>
    public static IEnumerable<GoldenDifference> Differences(GoldenRecord record, FoundRecord found, bool schemas, GoldenMasks masks)
    {
        var differences = new List<GoldenDifference>();
        if (found.Topic != record.Topic) differences.Add(new("topic", "", record.Topic, found.Topic));
        Compare(record.Key, found.Key, schemas, masks, "key", differences);
        Compare(record.Value, found.Value, schemas, masks, "value", differences);
        var names = string.Join(", ", record.Headers.Select(header => header.Name));
        var ours = string.Join(", ", found.Headers.Select(header => header.Name));
        if (names != ours)
        {
            differences.Add(new("headers", "", names, ours));
            return differences;
        }

        foreach (var ((name, text, _), (_, value)) in record.Headers.Zip(found.Headers))
            if (name != "__debezium.context.runId" && text != System.Text.Encoding.UTF8.GetString(value)) differences.Add(new("headers", name, text ?? "", System.Text.Encoding.UTF8.GetString(value)));
        return differences;
    }

    private static bool IsHeartbeat(string topic) => topic.StartsWith("__debezium-heartbeat", StringComparison.Ordinal);

    /// <summary>The first difference between a recorded key or value and ours, as "path: expected …, found …"; null for none.</summary>
    /// <param name="expected">As recorded: {"schema": …, "payload": …}; null for none.</param>
    /// <param name="found">Ours as JSON; null for none.</param>
    /// <param name="schemas">Whether ours has its schema, too, or is only the payload.</param>
    /// <param name="masks">What isn't compared.</param>
    public static string? Difference(JsonElement? expected, byte[]? found, bool schemas, GoldenMasks masks)
    {
        var differences = new List<GoldenDifference>();
        Compare(expected, found, schemas, masks, "", differences);
        return differences.Count == 0 ? null : $"{differences[0].Path}: expected {differences[0].Expected}, found {differences[0].Found}";
    }

    private static void Compare(JsonElement? expected, byte[]? found, bool schemas, GoldenMasks masks, string part, List<GoldenDifference> differences)
    {
        if (expected is not { } record)
        {
            if (found is not null) differences.Add(new(part, "$", "nothing", System.Text.Encoding.UTF8.GetString(found)));
            return;
        }

        if (found is null)
        {
            differences.Add(new(part, "$", "a value", "nothing"));
            return;
        }

        using var document = JsonDocument.Parse(found);
        var schema = record.GetProperty("schema");
        var payload = document.RootElement;
        if (schemas)
        {
            var names = string.Join(',', payload.EnumerateObject().Select(property => property.Name));
            if (names != "schema,payload")
            {
                differences.Add(new(part, "$", "fields schema,payload", names));
                return;
            }

            new Comparison(part, Masked(record, isValue: false, masks), differences).Compare(schema, payload.GetProperty("schema"), schema: null, "schema");
            payload = payload.GetProperty("payload");
        }

        new Comparison(part, Masked(record, isValue: true, masks), differences).Compare(record.GetProperty("payload"), payload, schema, "$");
    }

    /// <summary>The fields of a record's value that are another in each run, as paths of Avro's records: .source.lsn.</summary>
    public static HashSet<string> MaskedInAvro(GoldenRecord record) => record.Value is { } value ? [.. Masked(value, isValue: true, GoldenMasks.Recorded).Select(path => path[1..])] : [];

    private static HashSet<string> Masked(JsonElement record, bool isValue, GoldenMasks masks)
    {
        var payload = record.GetProperty("payload");
        if (!isValue || payload.ValueKind != JsonValueKind.Object) return [];
        if (masks.HasFlag(GoldenMasks.Replayed) && record.GetProperty("schema").GetProperty("name").GetString()!.Contains(".TransactionMetadata", StringComparison.Ordinal)) return ["$.id", "$.ts_ms"];
        if (record.GetProperty("schema").GetProperty("name").GetString()!.EndsWith(".Heartbeat", StringComparison.Ordinal)) return ["$.ts_ms"];
        if (payload.TryGetProperty("__op", out var flat)) return flat.GetString() == "r" || masks.HasFlag(GoldenMasks.Replayed) ? ["$.__lsn", "$.__source_ts_ms", "$.__source_txId"] : [];
        if (!payload.TryGetProperty("op", out var op)) return [];
        return op.GetString() == "r" || masks.HasFlag(GoldenMasks.Replayed) ? [.. Always, .. OfPlace, "$.transaction.id"] : [.. Always];
    }

    /// <summary>Compares two JSON values.</summary>
    private sealed class Comparison(string part, HashSet<string> masked, List<GoldenDifference> differences)
    {
        public void Compare(JsonElement expected, JsonElement found, JsonElement? schema, string path)
        {
            if (masked.Contains(path))
            {
                if (!IsAlike(expected, found)) Differ(path, expected, found);
                return;
            }

            if (IsJavaObject(expected)) return;
            if (expected.ValueKind != found.ValueKind)
            {
                Differ(path, expected, found);
                return;
            }

            switch (expected.ValueKind)
            {
                case JsonValueKind.Object: CompareObjects(expected, found, schema, path); break;
                case JsonValueKind.Array: CompareArrays(expected, found, schema, path); break;
                case JsonValueKind.String when expected.GetString() != found.GetString(): Differ(path, expected, found); break;
                case JsonValueKind.Number when !AreEqualNumbers(expected.GetRawText(), found.GetRawText(), TypeOf(schema)): Differ(path, expected, found); break;
                default: break;
            }
        }

        private void CompareObjects(JsonElement expected, JsonElement found, JsonElement? schema, string path)
        {
            JsonProperty[] left = [.. expected.EnumerateObject()], right = [.. found.EnumerateObject()];
            var (leftNames, rightNames) = (string.Join(',', left.Select(property => property.Name)), string.Join(',', right.Select(property => property.Name)));
            if (leftNames != rightNames)
            {
                differences.Add(new(part, path, $"fields {leftNames}", rightNames));
                return;
            }

            for (var i = 0; i < left.Length; i++) Compare(left[i].Value, right[i].Value, FieldOf(schema, left[i].Name), $"{path}.{left[i].Name}");
        }

        private void CompareArrays(JsonElement expected, JsonElement found, JsonElement? schema, string path)
        {
            if (expected.GetArrayLength() != found.GetArrayLength())
            {
                Differ(path, expected, found);
                return;
            }

            // The order of a transaction's tables is that of their hashes, and the name that Debezium gives messages has another one in each run.
            if (expected.EnumerateArray().Any(element => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("data_collection", out var name) && IsJavaObject(name))) return;
            var items = schema is { } array && array.TryGetProperty("items", out var inner) ? inner : (JsonElement?)null;
            for (var i = 0; i < expected.GetArrayLength(); i++) Compare(expected[i], found[i], items, $"{path}[{i}]");
        }

        private void Differ(string path, JsonElement expected, JsonElement found) => differences.Add(new(part, path, Short(expected), Short(found)));
    }

    private static bool AreEqualNumbers(string expected, string found, string? type) => type switch
    {
        "float" => float.Parse(expected, CultureInfo.InvariantCulture).Equals(float.Parse(found, CultureInfo.InvariantCulture)),
        "double" => double.Parse(expected, CultureInfo.InvariantCulture).Equals(double.Parse(found, CultureInfo.InvariantCulture)),
        null when expected.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 => double.Parse(expected, CultureInfo.InvariantCulture).Equals(double.Parse(found, CultureInfo.InvariantCulture)),
        _ => expected == found,
    };

    /// <summary>The name of a Java object with its hash, which Debezium gives for the inner arrays of a text[][], is another in each run.</summary>
    private static bool IsJavaObject(JsonElement expected) => expected.ValueKind == JsonValueKind.String && (expected.GetString()!.StartsWith("[Ljava.", StringComparison.Ordinal)
        || expected.GetString()!.StartsWith("io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$", StringComparison.Ordinal));

    /// <summary>Masked values are at least of one kind, and a sequence has its form.</summary>
    private static bool IsAlike(JsonElement expected, JsonElement found) => expected.ValueKind == found.ValueKind
        && (expected.ValueKind != JsonValueKind.String || expected.GetString()![0] != '[' || JsonDocument.Parse(found.GetString()!).RootElement.GetArrayLength() == 2);

    private static string? TypeOf(JsonElement? schema) => schema is { } known ? known.GetProperty("type").GetString() : null;

    private static JsonElement? FieldOf(JsonElement? schema, string name)
    {
        if (schema is not { } known || !known.TryGetProperty("fields", out var fields)) return null;
        foreach (var field in fields.EnumerateArray())
            if (field.GetProperty("field").GetString() == name) return field;
        return null;
    }

    private static string Short(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
