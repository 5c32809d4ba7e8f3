using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Where what is written by default differs from the recordings, and why: differences.jsonl, a line each.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Record">The record's number; 0 in a line that only says that a scenario has no differences.</param>
/// <param name="Path">Where in it: key, value or headers, and the path.</param>
/// <param name="Ours">What we write.</param>
/// <param name="Reason">Why.</param>
internal sealed record GoldenDifferences(string Scenario, int Record, string Path, string Ours, string Reason)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's path, from the repository's root.</summary>
    public static string File { get; } = System.IO.Path.Combine(GoldenFolders.Repository, "tests", "unit", "Golden", "differences.jsonl");

    private static readonly IReadOnlyList<GoldenDifferences> Lines = System.IO.File.Exists(File) ? [.. System.IO.File.ReadLines(File).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<GoldenDifferences>(line, Options)!)] : [];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<GoldenDifferences> All { get; } = [.. Lines.Where(line => line.Record > 0)];

    /// <summary>The scenarios that were looked through.</summary>
    public static IReadOnlySet<string> Scenarios { get; } = Lines.Select(difference => difference.Scenario).ToHashSet(StringComparer.Ordinal);

    /// <summary>A line of the file.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Options);

    /// <summary>The list for people.</summary>
    public static string ToMarkdown()
    {
        var lines = new List<string> { "| difference | in the recordings | for example |", "|---|---|---|" };
        foreach (var group in All.GroupBy(difference => difference.Reason))
        {
            var scenarios = string.Join(", ", group.Select(difference => difference.Scenario).Distinct());
            var first = group.First();
            lines.Add($"| {group.Key} | {group.Count()}: {scenarios} | {first.Scenario}, record {first.Record}: `{first.Path}` is `{Shown(first.Ours)}` |");
        }

        return string.Join('\n', lines);
    }

    private static string Shown(string text) => (text.Length <= 60 ? text : text[..60] + "…").Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);
}
