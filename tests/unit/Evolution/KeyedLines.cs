using System.Text.Json;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>What the lines of a keyed sink's file come to.</summary>
internal static class KeyedLines
{
    /// <summary>"key: row" for each row that is there, in the order of the keys.</summary>
    public static List<string> Rows(string path)
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadAllLines(path))
        {
            using var json = JsonDocument.Parse(line);
            rows[json.RootElement.GetProperty("key").GetRawText()] = json.RootElement.GetProperty("row").GetRawText();
        }

        return [.. rows.Where(r => r.Value != "null").Select(r => $"{r.Key}: {r.Value}")];
    }
}
