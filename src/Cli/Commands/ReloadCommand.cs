using System.CommandLine;
using Pathway.Core;
using Pathway.Hosting;

namespace Pathway.Cli;

/// <summary><c>pathway sync reload TABLE</c>: asks the running sync to load a table again.</summary>
internal static class ReloadCommand
{
    public static Command Create(CliContext context)
    {
        var table = new Argument<string>("TABLE") { Description = "The table, as schema.name." };
        var config = new Option<string>("--config") { Description = "The configuration of the sync that runs.", HelpName = "FILE", DefaultValueFactory = _ => "sync.yaml" };
        var command = new Command("reload", "Load a table again while the sync that runs goes on streaming.") { table, config };
        command.SetAction(async (parsed, stop) =>
        {
            var configuration = SyncConfigurationReader.Read(parsed.GetValue(config)!, Substitution.OfThisProcess);
            var answer = await ControlSocket.AskAsync(configuration.State, ["reload", parsed.GetValue(table)!], stop)
                ?? throw new ConfigurationException($"No sync runs on '{configuration.State}'. Start it with `pathway sync`; a table is loaded again while it runs.");
            context.Output.WriteLine(answer);
            return ExitCode.Stopped;
        });
        return command;
    }
}
