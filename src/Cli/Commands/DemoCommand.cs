using System.CommandLine;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>pathway demo</c>: a whole pipeline with nothing installed.</summary>
internal static class DemoCommand
{
    public static Command Create(CliContext context)
    {
        var state = new Option<string?>("--state") { Description = "Where its state lives. [default: ./demo-state, with --postgres ./demo-servers-state]", HelpName = "DIR" };
        var rows = new Option<long?>("--rows") { Description = "End behind so many rows, counted from the very beginning. [default: never]", HelpName = "N" };
        var rate = new Option<long>("--rate") { Description = "Rows a second; 0: as fast as it goes.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var seed = new Option<long>("--seed") { Description = "Which shop.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var memory = new Option<string?>("--memory") { Description = "What the process should stay within, such as 256MB. [default: half of the machine's or the container's]", HelpName = "SIZE" };
        var fresh = new Option<bool>("--fresh") { Description = "Forget what an earlier run left, and begin anew." };
        var verify = new Option<bool>("--verify") { Description = "Recompute the whole input independently and compare: exit code 0 when equal, 1 when not." };
        var postgres = new Option<string?>("--postgres") { Description = "Fill this Postgres (schema demo) and follow it; Npgsql's words. Needs --kafka.", HelpName = "CONNECTION" };
        var kafka = new Option<string?>("--kafka") { Description = "Where changes and view go then.", HelpName = "HOST:PORT" };
        var command = new Command("demo", "A made-up shop, a view computed with durable state, and an exactly-once file. Stop it any way, start it again: it goes on.")
        {
            state, rows, rate, seed, memory, fresh, verify, postgres, kafka,
        };
        command.SetAction((parsed, stop) =>
        {
            var servers = parsed.GetValue(postgres) is not null || parsed.GetValue(kafka) is not null;
            var directory = parsed.GetValue(state) ?? (servers ? "./demo-servers-state" : "./demo-state");
            var options = new DemoOptions(Path.GetFullPath(directory), parsed.GetValue(rows), parsed.GetValue(rate), parsed.GetValue(seed), MemoryOf(parsed.GetValue(memory)));
            Check(options, servers, parsed.GetValue(postgres), parsed.GetValue(kafka), parsed.GetValue(fresh), parsed.GetValue(verify));
            if (servers) return ServerDemo.RunAsync(options, parsed.GetValue(postgres)!, parsed.GetValue(kafka)!, context, CommandLine.LogFormOf(parsed), stop);
            if (parsed.GetValue(fresh)) DemoState.Delete(options);
            return parsed.GetValue(verify) ? DemoVerification.RunAsync(options, context.Output, stop) : DemoRun.RunAsync(options, context, CommandLine.LogFormOf(parsed), stop);
        });
        return command;
    }

    private static long? MemoryOf(string? text) => text is null ? null
        : Quantity.TryMemory(text, out var bytes) ? bytes : throw new ConfigurationException($"--memory is {text}; it must be {Quantity.MemoryForm}.");

    private static void Check(DemoOptions options, bool servers, string? postgres, string? kafka, bool fresh, bool verify)
    {
        if (options.Rows < 0) throw new ConfigurationException($"--rows is {options.Rows}; it must be 0 or more.");
        if (options.Rate < 0) throw new ConfigurationException($"--rate is {options.Rate}; it must be 0 (as fast as it goes) or more.");
        if (fresh && verify) throw new ConfigurationException("--fresh and --verify don't go together: nothing is left to verify.");
        if (servers && (postgres is null || kafka is null)) throw new ConfigurationException("--postgres and --kafka go together: what is read from the one is written to the other.");
        if (servers && verify) throw new ConfigurationException("--verify holds the built-in demo's file against a recomputation; it doesn't go with --postgres.");
        if (servers && fresh) throw new ConfigurationException("--fresh doesn't touch servers. Drop the schema demo, the slot and publication pathway_demo and the topics yourself, and delete the state directory.");
    }
}
