using System.Globalization;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>What a pipeline says at its start, on one screen: what it reads, what it writes, what it promises, where state lives, where it goes on.</summary>
internal static class StartScreen
{
    public static void Write(TextWriter output, StartReport report)
    {
        output.WriteLine($"pathway {CommandLine.Version}: {report.Name}");
        foreach (var source in report.Sources)
        {
            output.WriteLine($"  reads    {source.Description}");
            output.WriteLine($"           {string.Join(", ", source.Tables)}");
            output.WriteLine($"           {(source.Position is { } position ? $"going on at {position}" : "from the beginning")}");
        }

        foreach (var target in report.Targets)
        {
            output.WriteLine($"  writes   {target.Description}");
            output.WriteLine($"           {string.Join(", ", target.Outputs)}");
            output.WriteLine($"           {(target.Guarantee == Guarantee.ExactlyOnce ? "exactly once, for readers that read committed data" : "at least once")}{Undelivered(target.RowsUndelivered)}");
        }

        output.WriteLine($"  state    {report.StateDirectory}, {(report.Resumes == CommitNumber.None ? "new" : $"going on behind commit {report.Resumes}")}");
        output.Flush();
    }

    private static string Undelivered(long rows) => rows == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {rows} rows of the log are still to be delivered");
}
