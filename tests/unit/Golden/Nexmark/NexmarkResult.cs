using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Pathway.Tests.Unit.Golden.Nexmark;

/// <summary>The final rows of a query as lines of values with commas between, each as often as it is there.</summary>
internal static class NexmarkResult
{
    /// <summary>From the changes in a sink's file: lines with time and diff, or with key and row.</summary>
    public static List<string> Of(string path)
    {
        var (rows, byKey) = (new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var line in File.ReadLines(path))
        {
            using var change = JsonDocument.Parse(line);
            var root = change.RootElement;
            if (root.TryGetProperty("key", out var key))
            {
                if (root.GetProperty("row") is { ValueKind: JsonValueKind.Object } row) byKey[key.GetRawText()] = Line(row);
                else byKey.Remove(key.GetRawText());
                continue;
            }

            var text = Line(root);
            rows[text] = rows.GetValueOrDefault(text) + root.GetProperty("diff").GetInt64();
        }

        var final = byKey.Values.ToList();
        foreach (var (row, times) in rows)
        {
            Assert.True(times >= 0, $"A row is there {times} times: {row}");
            final.AddRange(Enumerable.Repeat(row, (int)times));
        }

        return final;
    }

    /// <summary>From a file of expected rows.</summary>
    public static List<string> Expected(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        reader.ReadLine();
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return lines;
    }

    /// <summary>Asserts that both hold the same rows, each as often; says of a few where not.</summary>
    public static void AssertEqual(List<string> expected, List<string> found)
    {
        expected.Sort(StringComparer.Ordinal);
        found.Sort(StringComparer.Ordinal);
        if (expected.SequenceEqual(found, StringComparer.Ordinal)) return;
        var (missing, unexpected) = (Without(expected, found), Without(found, expected));
        Assert.Fail($"{expected.Count} rows are expected, {found.Count} were found; {missing.Count} are missing, {unexpected.Count} unexpected.{Some("missing", missing)}{Some("unexpected", unexpected)}");
    }

    private static string Some(string title, List<string> rows) => string.Concat(rows.Take(3).Select(r => $"\n  {title}: {r}"));

    private static List<string> Without(List<string> rows, List<string> others)
    {
        var left = others.CountBy(r => r).ToDictionary();
        return [.. rows.Where(row => !left.TryGetValue(row, out var count) || count == 0 || (left[row] = count - 1) < 0)];
    }

    private static string Line(JsonElement row)
    {
        var line = new StringBuilder();
        foreach (var member in row.EnumerateObject())
        {
            if (member.Name is "time" or "diff") continue;
            if (line.Length > 0) line.Append(',');
            line.Append(member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText());
        }

        return line.ToString();
    }
}
