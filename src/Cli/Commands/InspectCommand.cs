using System.CommandLine;
using System.Globalization;
using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Hosting;

namespace Pathway.Cli;

/// <summary><c>pathway inspect DIR</c>: what is in a state directory.</summary>
internal static class InspectCommand
{
    public static Command Create(CliContext context)
    {
        var directory = new Argument<string>("DIR") { Description = "The state directory of a pipeline. One that runs is asked itself." };
        var verify = new Option<bool>("--verify") { Description = "Read every block of it, too." };
        var command = new Command("inspect", "Show what is in a state directory: commits, frontier, outbox, sizes. Changes nothing.") { directory, verify };
        command.SetAction(async (parsed, stop) =>
        {
            var (path, isVerified) = (parsed.GetValue(directory)!, parsed.GetValue(verify));
            if (!isVerified && await ControlSocket.AskAsync(path, ["inspect"], stop) is { } running) context.Output.WriteLine(running);
            else Show(context.Output, StateInspection.Run(path, isVerified), isVerified);
        });
        return command;
    }

    private static void Show(TextWriter output, StateInspection found, bool verified)
    {
        var manifest = found.Manifest;
        output.WriteLine(found.Paths.Root);
        Line("pipeline", $"{manifest.Name} ({manifest.Pipeline})");
        Line("starts", Starts(manifest));
        Line("plan", $"{manifest.Plan.Steps.Count} steps, {manifest.Plan.Steps.Count(s => s.HasState)} with state");
        Line("log", found.Log.First == CommitNumber.None ? $"no commit, {Sizes.Text(LogBytes(found))}" : $"commits {found.Log.First} to {found.Log.Last} in {Counted(found.Log.Segments.Count, "segment")}, {Sizes.Text(LogBytes(found))}");
        Line("state", found.Checkpoint == CommitNumber.None ? "no checkpoint yet; all of it is in the log" : $"RocksDB at commit {found.Checkpoint}, {Sizes.Text(found.StateBytes)}");
        if (found.Last is { } last)
        {
            Line("last commit", $"{last.Summary.Number}, epoch {last.Summary.Epoch}, by incarnation {last.Incarnation}");
            foreach (var (partition, position) in last.Summary.Frontier.Positions) Line("frontier", $"{partition} at {position}");
        }

        foreach (var outbox in found.Targets) Line("outbox", $"{outbox.Target}: {Delivered(outbox)}");
        if (verified) Line("verified", "every record of the log and every block of the state is intact");

        void Line(string name, string text) => output.WriteLine($"  {name,-12} {text}");
    }

    private static string Starts(Manifest manifest)
    {
        var last = manifest.Incarnations[^1];
        return string.Create(CultureInfo.InvariantCulture, $"{manifest.Incarnations.Count}, the first {manifest.Incarnations[0].At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, the last {last.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z (incarnation {last.Incarnation})");
    }

    // The log's record of a delivery is one commit behind the delivery itself: what is behind it may be there already, and the next start finds out.
    private static string Delivered(StateInspection.Outbox outbox)
    {
        var marker = outbox.Delivered switch
        {
            null => "no delivery on record",
            { IsWhole: true } whole => $"delivered up to commit {whole.Commit} on record",
            var part => $"delivered up to row {part.Offset} of commit {part.Commit} on record",
        };
        return outbox.Rows == 0 ? $"{marker}, nothing behind that" : $"{marker}, {Counted(outbox.Rows, "row")} of {Counted(outbox.Commits, "commit")} behind that ({Sizes.Text(outbox.Bytes)})";
    }

    private static long LogBytes(StateInspection found) => found.Log.Segments.Sum(s => s.Bytes);

    private static string Counted(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
