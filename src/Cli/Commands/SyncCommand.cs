using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pathway.Hosting;

namespace Pathway.Cli;

/// <summary><c>pathway sync --config FILE</c>: Postgres to Kafka by configuration alone, until it is asked to stop.</summary>
internal static class SyncCommand
{
    public static Command Create(CliContext context)
    {
        var config = new Option<string>("--config") { Description = "The configuration, a YAML file.", Required = true, HelpName = "FILE" };
        var check = new Option<bool>("--check") { Description = "Test everything (servers, rights, tables, topics), change nothing, and end with 0 or 2." };
        var acceptPlan = new Option<bool>("--accept-plan") { Description = "Go on although the configuration differs from the one that wrote the state." };
        var adoptMarker = new Option<bool>("--adopt-marker") { Description = "The state directory was lost: go on from what the target says was delivered." };
        var command = new Command("sync", "Sync tables of PostgreSQL to Kafka, exactly once, in Debezium's form.") { config, check, acceptPlan, adoptMarker };
        command.SetAction(async (parsed, stop) =>
        {
            var configuration = SyncConfigurationReader.Read(parsed.GetValue(config)!, Substitution.OfThisProcess);
            using var loggers = LineLoggerProvider.Factory(context.Error, CommandLine.LogFormOf(parsed), context.Debug);
            var sync = new SyncPipeline(configuration);
            if (parsed.GetValue(check)) return await CheckAsync(sync, context, stop);
            var pipeline = sync.Build(parsed.GetValue(acceptPlan), parsed.GetValue(adoptMarker), TimeProvider.System);
            return await RunAsync(pipeline, configuration, loggers.CreateLogger("Pathway.Sync"), context, stop);
        });
        return command;
    }

    private static async Task<int> CheckAsync(SyncPipeline sync, CliContext context, CancellationToken stop)
    {
        var problems = await sync.FindProblemsAsync(stop);
        foreach (var problem in problems) context.Error.WriteLine($"pathway: {problem}");
        context.Output.WriteLine(problems.Count == 0 ? "All is well: the sync can start." : $"{problems.Count} problem(s).");
        return problems.Count == 0 ? ExitCode.Stopped : ExitCode.BadUsage;
    }

    private static async Task<int> RunAsync(Pipeline pipeline, SyncConfiguration configuration, ILogger logger, CliContext context, CancellationToken stop)
    {
        var health = new PipelineHealth();
        await using var endpoint = configuration.Http is { } address ? await HealthEndpoint.StartAsync(address, health, stop) : null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var telling = TellAsync(pipeline, health, logger, context, ended.Token);
        try
        {
            await pipeline.RunAsync(logger, TimeProvider.System, stop);
            logger.Stopped(pipeline.Status.LastCommit.Value, pipeline.Status.RowsDelivered, pipeline.Status.RowsUndelivered);
            return ExitCode.Stopped;
        }
        finally
        {
            await ended.CancelAsync();
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The start screen as soon as everything is decided, a line when streaming begins, then a line every ten seconds.
    private static async Task TellAsync(Pipeline pipeline, PipelineHealth health, ILogger logger, CliContext context, CancellationToken ended)
    {
        StartScreen.Write(context.Output, await pipeline.Status.Started.WaitAsync(ended));
        await pipeline.Status.Streaming.WaitAsync(ended);
        health.Streaming();
        logger.Streaming(pipeline.Name);
        await RateReporter.RunAsync(pipeline.Status, logger, TimeProvider.System, ended);
    }
}
