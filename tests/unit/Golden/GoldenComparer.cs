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
internal sealed record FoundRecord(string Topic, byte[]? Key, byte[]? Value);

/// <summary>Compares records as JSON values in field order, floating-point fields as numbers.</summary>
internal static class GoldenComparer
{
    private static readonly string[] Always = ["$.ts_ms", "$.ts_us", "$.ts_ns"];
    private static readonly string[] OfPlace = ["$.source.ts_ms", "$.source.ts_us", "$.source.ts_ns", "$.source.lsn", "$.source.txId", "$.source.sequence"];

    /// <summary>The first difference between the records of a scenario and ours, with scenario, record and path; null for none.</summary>
    public static string? FirstDifference(GoldenScenario golden, IEnumerable<FoundRecord> found, bool schemas, GoldenMasks masks)
    {
        using var ours = found.GetEnumerator();
        foreach (var record in golden.Records)
        {
            var label = $"{golden.Name}, record {record.Number} ({record.Topic})";
            if (!ours.MoveNext()) return $"{label}: there are no more records; {golden.Records.Count} were expected.";
            if (ours.Current.Topic != record.Topic) return $"{label}: found topic {ours.Current.Topic}.";
            if (Difference(record.Key, ours.Current.Key, schemas, masks) is { } inKey) return $"{label}, key, {inKey}";
            if (Difference(record.Value, ours.Current.Value, schemas, masks) is { } inValue) return $"{label}, value, {inValue}";
        }

        return ours.MoveNext() ? $"{golden.Name}: there are records beyond the {golden.Records.Count} that were expected, the first in topic {ours.Current.Topic}." : null;
    }

    /// <summary>The first difference between a recorded key or value and ours, as "path: expected …, found …"; null for none.</summary>
    /// <param name="expected">As recorded: {"schema": …, "payload": …}; null for none.</param>
    /// <param name="found">Ours as JSON; null for none.</param>
    /// <param name="schemas">Whether ours has its schema, too, or is only the payload.</param>
    /// <param name="masks">What isn't compared.</param>
    public static string? Difference(JsonElement? expected, byte[]? found, bool schemas, GoldenMasks masks)
    {
        if (expected is not { } record) return found is null ? null : $"$: expected nothing, found {System.Text.Encoding.UTF8.GetString(found)}";
        if (found is null) return "$: expected a value, found nothing";
        using var document = JsonDocument.Parse(found);
        var schema = record.GetProperty("schema");
        var payload = document.RootElement;
        if (schemas)
        {
            var names = string.Join(',', payload.EnumerateObject().Select(property => property.Name));
            if (names != "schema,payload") return $"$: expected fields schema,payload, found {names}";
            if (Compare(schema, payload.GetProperty("schema"), schema: null, "schema", Masked(record, isValue: false, masks)) is { } difference) return difference;
            payload = payload.GetProperty("payload");
        }

        return Compare(record.GetProperty("payload"), payload, schema, "$", Masked(record, isValue: true, masks));
    }

    private static HashSet<string> Masked(JsonElement record, bool isValue, GoldenMasks masks)
    {
        var payload = record.GetProperty("payload");
        if (!isValue || payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty("op", out var op)) return [];
        return op.GetString() == "r" || masks.HasFlag(GoldenMasks.Replayed) ? [.. Always, .. OfPlace] : [.. Always];
    }

    private static string? Compare(JsonElement expected, JsonElement found, JsonElement? schema, string path, HashSet<string> masked)
    {
        if (masked.Contains(path)) return IsAlike(expected, found) ? null : Differ(path, expected, found);
        if (IsJavaObject(expected)) return null;
        if (expected.ValueKind != found.ValueKind) return Differ(path, expected, found);
        return expected.ValueKind switch
        {
            JsonValueKind.Object => CompareObjects(expected, found, schema, path, masked),
            JsonValueKind.Array => CompareArrays(expected, found, schema, path, masked),
            JsonValueKind.String => expected.GetString() == found.GetString() ? null : Differ(path, expected, found),
            JsonValueKind.Number => AreEqualNumbers(expected.GetRawText(), found.GetRawText(), TypeOf(schema)) ? null : Differ(path, expected, found),
            _ => null,
        };
    }

    private static string? CompareObjects(JsonElement expected, JsonElement found, JsonElement? schema, string path, HashSet<string> masked)
    {
        JsonProperty[] left = [.. expected.EnumerateObject()], right = [.. found.EnumerateObject()];
        for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            if (i >= left.Length) return $"{path}: found a field too many: {right[i].Name}";
            if (i >= right.Length) return $"{path}: expected one more field: {left[i].Name}";
            if (left[i].Name != right[i].Name) return $"{path}: expected field {left[i].Name} at place {i}, found {right[i].Name}";
            if (Compare(left[i].Value, right[i].Value, FieldOf(schema, left[i].Name), $"{path}.{left[i].Name}", masked) is { } difference) return difference;
        }

        return null;
    }

    private static string? CompareArrays(JsonElement expected, JsonElement found, JsonElement? schema, string path, HashSet<string> masked)
    {
        if (expected.GetArrayLength() != found.GetArrayLength()) return Differ(path, expected, found);
        var items = schema is { } array && array.TryGetProperty("items", out var inner) ? inner : (JsonElement?)null;
        for (var i = 0; i < expected.GetArrayLength(); i++)
            if (Compare(expected[i], found[i], items, $"{path}[{i}]", masked) is { } difference) return difference;
        return null;
    }

    private static bool AreEqualNumbers(string expected, string found, string? type) => type switch
    {
        "float" => float.Parse(expected, CultureInfo.InvariantCulture).Equals(float.Parse(found, CultureInfo.InvariantCulture)),
        "double" => double.Parse(expected, CultureInfo.InvariantCulture).Equals(double.Parse(found, CultureInfo.InvariantCulture)),
        null when expected.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 => double.Parse(expected, CultureInfo.InvariantCulture).Equals(double.Parse(found, CultureInfo.InvariantCulture)),
        _ => expected == found,
    };

    /// <summary>The name of a Java object with its hash, which Debezium gives for the inner arrays of a text[][], is another in each run.</summary>
    private static bool IsJavaObject(JsonElement expected) => expected.ValueKind == JsonValueKind.String && expected.GetString()!.StartsWith("[Ljava.", StringComparison.Ordinal);

    /// <summary>Masked values are at least of one kind, and a sequence has its form.</summary>
    private static bool IsAlike(JsonElement expected, JsonElement found) => expected.ValueKind == found.ValueKind
        && (expected.ValueKind != JsonValueKind.String || JsonDocument.Parse(found.GetString()!).RootElement.GetArrayLength() == 2);

    private static string? TypeOf(JsonElement? schema) => schema is { } known ? known.GetProperty("type").GetString() : null;

    private static JsonElement? FieldOf(JsonElement? schema, string name)
    {
        if (schema is not { } known || !known.TryGetProperty("fields", out var fields)) return null;
        foreach (var field in fields.EnumerateArray())
            if (field.GetProperty("field").GetString() == name) return field;
        return null;
    }

    private static string Differ(string path, JsonElement expected, JsonElement found) => $"{path}: expected {Short(expected)}, found {Short(found)}";

    private static string Short(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
