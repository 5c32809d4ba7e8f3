using System.CommandLine;

namespace Pathway.Cli;

/// <summary><c>pathway sync</c>: Postgres to Kafka by configuration alone.</summary>
internal static class SyncCommand
{
    public static Command Create(CliContext context)
    {
        var config = new Option<string>("--config") { Description = "The configuration.", HelpName = "FILE", DefaultValueFactory = _ => "sync.yaml" };
        var check = new Option<bool>("--check") { Description = "Test everything (servers, rights, tables, topics), change nothing: exit code 0 when good, 2 when not." };
        var acceptPlan = new Option<bool>("--accept-plan") { Description = "Go on though the plan differs from the one that wrote the state." };
        var adoptMarker = new Option<bool>("--adopt-marker") { Description = "The state directory was lost: go on from the target's marker." };
        var command = new Command("sync", "Keep Kafka topics in step with Postgres tables, exactly once, until stopped.") { config, check, acceptPlan, adoptMarker };
        command.SetAction((parsed, stop) =>
        {
            var configuration = SyncConfigurationReader.Read(parsed.GetValue(config)!, Substitution.OfThisProcess);
            return parsed.GetValue(check)
                ? SyncCheck.RunAsync(configuration, context.Output, stop)
                : SyncRun.RunAsync(configuration, new SyncChoices(parsed.GetValue(acceptPlan), parsed.GetValue(adoptMarker)), context, CommandLine.LogFormOf(parsed), stop);
        });
        return command;
    }
}
