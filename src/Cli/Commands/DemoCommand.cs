using System.CommandLine;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>pathway demo</c>: a whole pipeline with nothing installed.</summary>
internal static class DemoCommand
{
    public static Command Create(CliContext context)
    {
        var state = new Option<string>("--state") { Description = "Where its state lives.", HelpName = "DIR", DefaultValueFactory = _ => "./demo-state" };
        var rows = new Option<long?>("--rows") { Description = "End behind so many rows, counted from the very beginning. [default: never]", HelpName = "N" };
        var rate = new Option<long>("--rate") { Description = "Rows a second; 0: as fast as it goes.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var seed = new Option<long>("--seed") { Description = "Which shop.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var fresh = new Option<bool>("--fresh") { Description = "Forget what an earlier run left, and begin anew." };
        var verify = new Option<bool>("--verify") { Description = "Recompute the whole input independently and compare: exit code 0 when equal, 1 when not." };
        var command = new Command("demo", "A made-up shop, a view computed with durable state, and an exactly-once file. Stop it any way, start it again: it goes on.")
        {
            state, rows, rate, seed, fresh, verify,
        };
        command.SetAction((parsed, stop) =>
        {
            var options = new DemoOptions(Path.GetFullPath(parsed.GetValue(state)!), parsed.GetValue(rows), parsed.GetValue(rate), parsed.GetValue(seed));
            if (options.Rows < 0) throw new ConfigurationException($"--rows is {options.Rows}; it must be 0 or more.");
            if (options.Rate < 0) throw new ConfigurationException($"--rate is {options.Rate}; it must be 0 (as fast as it goes) or more.");
            if (parsed.GetValue(fresh) && parsed.GetValue(verify)) throw new ConfigurationException("--fresh and --verify don't go together: nothing is left to verify.");
            if (parsed.GetValue(fresh)) DemoState.Delete(options);
            return parsed.GetValue(verify) ? DemoVerification.RunAsync(options, context.Output, stop) : DemoRun.RunAsync(options, context, CommandLine.LogFormOf(parsed), stop);
        });
        return command;
    }
}
