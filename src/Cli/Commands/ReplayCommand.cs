using System.CommandLine;
using System.Text.Json;
using Pathway.Connectors;

namespace Pathway.Cli;

/// <summary><c>pathway replay FILE</c>: shows what a source handed over, at the pace at which it did.</summary>
internal static class ReplayCommand
{
    public static Command Create(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "A recording, as .RecordTo(FILE) on a source makes it." };
        var speed = new Option<double>("--speed") { Description = "How many times faster than it was; 0 for as fast as it goes.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var source = new Option<string?>("--source") { Description = "Only the rows of this source.", HelpName = "NAME" };
        var command = new Command("replay", "Print the rows of a recording, one JSON object a line with its source, at the pace at which they came.") { file, speed, source };
        command.SetAction((parsed, stop) => ReplayAsync(context, parsed.GetValue(file)!, parsed.GetValue(speed), parsed.GetValue(source), stop));
        return command;
    }

    private static async Task<int> ReplayAsync(CliContext context, string file, double speed, string? source, CancellationToken stop)
    {
        await foreach (var change in Recording.PlayAsync(file, source, speed, stop: stop))
            await context.Output.WriteLineAsync($"{{\"source\":{JsonSerializer.Serialize(change.Source, RowJson.Options)},\"change\":{change.Json}}}".AsMemory(), stop);
        return ExitCode.Stopped;
    }
}
