using System.Text.Json;

namespace Pathway.Tests.Integration.Kills;

/// <summary>The files of changes in a folder, which a pipeline may be writing.</summary>
internal sealed class ChangeFiles(string folder)
{
    /// <summary>The rows that a file of changes adds up to, each as often as it is there; of the lines that are whole.</summary>
    /// <remarks>On the way no row may be there less than not at all, and epochs may not go back.</remarks>
    public Dictionary<TRow, long> RowsOf<TRow>(string file)
        where TRow : notnull
    {
        var (rows, epoch, path) = (new Dictionary<TRow, long>(), 0UL, Path.Combine(folder, file));
        foreach (var line in WholeLinesOf(path))
        {
            using var json = JsonDocument.Parse(line);
            var (row, time, diff) = (json.Deserialize<TRow>(JsonSerializerOptions.Web)!, json.RootElement.GetProperty("time").GetUInt64(), json.RootElement.GetProperty("diff").GetInt64());
            Assert.True(time >= epoch, $"{file}: epoch {time} after {epoch}");
            if (time > epoch) Assert.All(rows, r => Assert.True(r.Value > 0, $"{file}: {r.Key} is there {r.Value} times after epoch {epoch}"));
            epoch = time;
            rows[row] = rows.GetValueOrDefault(row) + diff;
            if (rows[row] == 0) rows.Remove(row);
        }

        return rows;
    }

    /// <summary>The lines of a file that have their end.</summary>
    public static IEnumerable<string> WholeLinesOf(string path)
    {
        if (!File.Exists(path)) return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n')[..^1];
    }

    public static bool AreEqual<TRow>(Dictionary<TRow, long> found, IEnumerable<TRow> expected)
        where TRow : notnull
    {
        var counted = expected.GroupBy(r => r).ToDictionary(g => g.Key, g => g.LongCount());
        return found.Count == counted.Count && counted.All(c => found.GetValueOrDefault(c.Key) == c.Value);
    }
}
