using System.Text.Json;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>What a target has to hold, and what it holds, in one form that can be compared: for each topic and key the events in order.</summary>
internal static class ChangeLog
{
    /// <summary>The events that Debezium's form asks for, from an independent reading of the changes.</summary>
    public static Dictionary<string, List<string>> Expected(IEnumerable<TestDecoding.Change> changes, string prefix)
    {
        var events = new Dictionary<string, List<string>>();
        foreach (var change in changes)
        {
            var key = change.Columns["id"]!;
            if (change.OldKey is { } old && old["id"] != key)
            {
                Add(change.Table, old["id"]!, "d");
                Add(change.Table, old["id"]!, "tombstone");
                Add(change.Table, key, "c " + Row(change.Columns));
            }
            else if (change.Op == 'd')
            {
                Add(change.Table, key, "d");
                Add(change.Table, key, "tombstone");
            }
            else
            {
                Add(change.Table, key, $"{change.Op} {Row(change.Columns)}");
            }
        }

        return events;

        void Add(string table, string key, string text) => At(events, $"{prefix}.{table}/{key}").Add(text);
    }

    /// <summary>The events that a read_committed consumer sees.</summary>
    public static async Task<Dictionary<string, List<string>>> FoundAsync(KafkaServer kafka, string prefix, params string[] tables)
    {
        var events = new Dictionary<string, List<string>>();
        var topics = (await kafka.ListTopicsAsync()).Intersect(tables.Select(t => $"{prefix}.{t}")).ToList();
        if (topics.Count == 0) return events;
        foreach (var record in await kafka.ConsumeAllAsync(topics))
        {
            using var key = JsonDocument.Parse(record.KeyText!);
            At(events, $"{record.Topic}/{key.RootElement.GetProperty("id")}").Add(Text(record));
        }

        return events;
    }

    /// <summary>Compares; the message names the first keys that differ.</summary>
    public static void AssertEqual(Dictionary<string, List<string>> expected, Dictionary<string, List<string>> found, string seed)
    {
        var differences = expected.Keys.Union(found.Keys)
            .Where(k => !(expected.GetValueOrDefault(k) ?? []).SequenceEqual(found.GetValueOrDefault(k) ?? []))
            .Select(k => $"{k}\n  expected: {string.Join(" | ", expected.GetValueOrDefault(k) ?? [])}\n  found:    {string.Join(" | ", found.GetValueOrDefault(k) ?? [])}")
            .ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} keys differ ({seed}):\n{string.Join('\n', differences.Take(5))}");
    }

    private static string Text(TopicRecord record)
    {
        if (record.ValueText is not { } value) return "tombstone";
        using var json = JsonDocument.Parse(value);
        var op = json.RootElement.GetProperty("op").GetString();
        var after = json.RootElement.GetProperty("after");
        return op == "d" ? "d" : $"{op} {Row(after.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.Null ? null : p.Value.ToString()))}";
    }

    private static string Row(IReadOnlyDictionary<string, string?> columns) => string.Join(", ", columns.Select(c => $"{c.Key}={c.Value ?? "NULL"}"));

    private static List<string> At(Dictionary<string, List<string>> events, string key) => events.TryGetValue(key, out var list) ? list : events[key] = [];
}
