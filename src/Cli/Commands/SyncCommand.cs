using System.CommandLine;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>pathway sync</c>: Postgres to Kafka or to Postgres, or Kafka to Postgres, by configuration alone.</summary>
internal static class SyncCommand
{
    public static Command Create(CliContext context)
    {
        var config = new Option<string>("--config") { Description = "The configuration.", HelpName = "FILE", DefaultValueFactory = _ => "sync.yaml" };
        var check = new Option<bool>("--check") { Description = "Test everything (servers, rights, tables, topics), change nothing: exit code 0 when good, 2 when not." };
        var acceptPlan = new Option<bool>("--accept-plan") { Description = "Go on though the plan differs from the one that wrote the state." };
        var adoptMarker = new Option<bool>("--adopt-marker") { Description = "The state directory was lost: go on from the target's marker." };
        var loadAgain = new Option<bool>("--load-again") { Description = "The replication slot was lost: make another one and load every table again; rows that are gone are told as deletes (needs before: state)." };
        var fromDebezium = new Option<string>("--from-debezium") { Description = "Make the configuration from that of a Debezium connector (JSON or properties), with comments on what differs; - as --config prints it.", HelpName = "FILE" };
        var command = new Command("sync", "Keep Kafka topics, or the tables of a database, in step with Postgres tables or topics of change events, exactly once, until stopped.") { config, check, acceptPlan, adoptMarker, loadAgain, fromDebezium };
        command.Subcommands.Add(ReloadCommand.Create(context));
        command.SetAction((parsed, stop) =>
        {
            if (parsed.GetValue(fromDebezium) is { } connector) return Task.FromResult(FromDebezium(connector, parsed.GetValue(config)!, context.Output));
            var configuration = SyncConfigurationReader.Read(parsed.GetValue(config)!, Substitution.OfThisProcess);
            return parsed.GetValue(check)
                ? SyncCheck.RunAsync(configuration, context.Output, stop)
                : SyncRun.RunAsync(configuration, new SyncChoices(parsed.GetValue(acceptPlan), parsed.GetValue(adoptMarker), parsed.GetValue(loadAgain)), context, CommandLine.LogFormOf(parsed), stop);
        });
        return command;
    }

    private static int FromDebezium(string connector, string config, TextWriter output)
    {
        var text = DebeziumMigration.Write(ConnectorFile.Read(connector), Path.GetFileName(connector));
        if (config == "-")
        {
            output.Write(text);
            return ExitCode.Stopped;
        }

        if (File.Exists(config)) throw new ConfigurationException($"'{config}' is there already and isn't written over. Name another with --config, or - to print it.");
        File.WriteAllText(config, text);
        var notes = text.Split('\n').Count(line => line.Contains("# DIFFERS", StringComparison.Ordinal) || line.Contains("# LEFT OUT", StringComparison.Ordinal));
        output.WriteLine($"Wrote {config}, with {notes} comments on what differs or was left out. Read them, then try `pathway sync --config {config} --check`.");
        return ExitCode.Stopped;
    }
}
