using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pathway.Cli;

/// <summary><c>pathway plan diff</c>: what a sync whose configuration changed would make of its state.</summary>
internal static class PlanCommand
{
    public static Command Create(CliContext context)
    {
        var config = new Option<string>("--config") { Description = "The configuration.", HelpName = "FILE", DefaultValueFactory = _ => "sync.yaml" };
        var state = new Option<string?>("--state") { Description = "The state directory, if not the one that the configuration names.", HelpName = "DIR" };
        var diff = new Command("diff", "Show what a start would make of the state that is there: kept, moved, made anew, refused. Changes nothing; exit code 3 where it would be refused.") { config, state };
        diff.SetAction((parsed, stop) => Task.FromResult(Diff(parsed.GetValue(config)!, parsed.GetValue(state), context.Output, stop)));
        return new Command("plan", "What a pipeline computes, compared with what wrote its state.") { diff };
    }

    private static int Diff(string config, string? state, TextWriter output, CancellationToken stop)
    {
        var configuration = SyncConfigurationReader.Read(config, Substitution.OfThisProcess);
        if (state is not null) configuration = configuration with { State = state };
        using var registry = SyncPipeline.Registry(configuration, static _ => { }, stop);
        using var schemas = KafkaRoute.Schemas(configuration, static _ => { }, stop);
        var found = SyncPipeline.Build(configuration, new SyncChoices(AcceptPlan: false, AdoptMarker: false), NullLogger.Instance, registry, schemas: schemas).PlanDiff();
        output.WriteLine(found.Text);
        return found.IsPossible ? ExitCode.Stopped : ExitCode.Refused;
    }
}
