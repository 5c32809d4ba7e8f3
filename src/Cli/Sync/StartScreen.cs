using Pathway.Core;

namespace Pathway.Cli;

/// <summary>What a pipeline says when it starts: what it reads, what it writes, what is promised, where state lives, where it resumes.</summary>
internal static class StartScreen
{
    /// <summary>The screen, some lines.</summary>
    public static string Of(StartReport start, string version)
    {
        var lines = new List<string> { $"Pathway {version}, pipeline {start.Name}" };
        foreach (var source in start.Sources)
        {
            Line("reads", $"{string.Join(", ", source.Tables)}");
            Line("", $"from {source.Description}");
        }

        foreach (var target in start.Targets)
        {
            Line("writes", string.Join(", ", target.Outputs));
            Line("", $"to {target.Description}");
            Line("guarantee", Guarantee(target));
        }

        Line("state", start.StateDirectory);
        Line("resumes", start.Resumes == CommitNumber.None ? "at the beginning: this is the first start" : $"behind commit {start.Resumes}");
        foreach (var source in start.Sources.Where(s => s.Position is not null)) Line("", source.Position!);
        foreach (var target in start.Targets.Where(t => t.RowsUndelivered > 0)) Line("", $"{target.RowsUndelivered} committed rows have yet to be delivered to {target.Description}; they go first");
        return string.Join(Environment.NewLine, lines);

        void Line(string name, string text) => lines.Add($"  {name,-10} {text}");
    }

    private static string Guarantee(StartReport.Target target) => target.Guarantee switch
    {
        Core.Guarantee.ExactlyOnce when !target.Description.StartsWith("Kafka", StringComparison.Ordinal) => "exactly once: every change is visible once, whatever fails",
        Core.Guarantee.ExactlyOnce => "exactly once: every change is visible once to readers with isolation.level=read_committed, whatever fails",
        _ => "at least once: after a fault a change may be there twice, never missing",
    };
}
