using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.Hosting;
using Pathway.S3;

namespace Pathway.Cli;

/// <summary>Runs a sync until it is stopped: the pipeline, its health endpoint, and what it tells people meanwhile.</summary>
internal static class SyncRun
{
    private static readonly TimeSpan RatesEvery = TimeSpan.FromSeconds(10), LookEvery = TimeSpan.FromMilliseconds(250);

    public static async Task<int> RunAsync(SyncConfiguration configuration, SyncChoices choices, CliContext context, LogForm form, CancellationToken stop)
    {
        using var logs = LineLoggerProvider.Factory(context.Error, form, context.Debug);
        var logger = logs.CreateLogger("Pathway");
        var health = new PipelineHealth();
        await using var endpoint = configuration.Http is { } address ? await HealthEndpoint.StartAsync(address, health, stop) : null;
        using var registry = SyncPipeline.Registry(configuration, reason => Tell(reason, health, logger), stop);
        using var schemas = KafkaRoute.Schemas(configuration, reason => Tell(reason, health, logger), stop);
        var commands = new PostgresCommands();
        var pipeline = SyncPipeline.Build(configuration, choices, logger, registry, await SyncPipeline.FindDestinationsAsync(configuration, stop), schemas, commands);
        using var stopping = stop.Register(() => health.NotReady("stopping"));
        var running = Task.Run(() => pipeline.RunAsync(logger, stop: stop), CancellationToken.None);
        using var ended = new CancellationTokenSource();
        await using var control = PipelineControl.Start(pipeline, ObjectStores.At, Commands(configuration, pipeline, commands), logger: logger);
        var telling = TellAsync(pipeline.Status, health, context, form, logger, ended.Token, stop);
        try
        {
            await running;
        }
        finally
        {
            await ended.CancelAsync();
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        logger.Stopped(pipeline.Status.LastCommit.Value, pipeline.Status.RowsDelivered, pipeline.Status.RowsUndelivered);
        return ExitCode.Stopped;
    }

    private static Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> Commands(SyncConfiguration configuration, Pipeline pipeline, PostgresCommands commands) => new()
    {
        ["inspect"] = (_, _) => Task.FromResult(SyncStatus.Of(pipeline, commands)),
        ["reload"] = (words, stop) => configuration.FromKafka is not null ? throw new ConfigurationException("This sync reads topics; a table of a database can be loaded again, a topic is read from its place.")
            : words is [var table] ? commands.ReloadAsync(table, stop) : throw new ConfigurationException("reload takes one table, as schema.name."),
    };

    // What the registry doesn't take holds everything behind it back: not ready is the truth, until it does.
    private static void Tell(string? reason, PipelineHealth health, ILogger logger)
    {
        health.Waits(reason);
        if (reason is null) logger.RegistryGoesOn();
        else logger.RegistryWaits(reason);
    }

    private static async Task TellAsync(PipelineStatus status, PipelineHealth health, CliContext context, LogForm form, ILogger logger, CancellationToken ended, CancellationToken stop)
    {
        var start = await status.Started.WaitAsync(ended);
        if (form == LogForm.Text) context.Output.WriteLine(StartScreen.Of(start, CommandLine.Version));
        else logger.Started(start.Name, start.StateDirectory, start.Resumes.Value, string.Join(", ", start.Sources.Select(s => s.Description)), string.Join(", ", start.Targets.Select(t => $"{t.Description} ({t.Guarantee})")));
        health.NotReady("not streaming yet");
        await status.Streaming.WaitAsync(ended);
        // Between the two a stop may have been asked for: then not ready is the truth.
        health.Streaming();
        if (stop.IsCancellationRequested) health.NotReady("stopping");
        logger.Streaming();
        await TellRatesAsync(status, logger, ended);
    }

    private static async Task TellRatesAsync(PipelineStatus status, ILogger logger, CancellationToken ended)
    {
        var (start, time) = (Stopwatch.GetTimestamp(), TimeProvider.System);
        var past = Figures.Of(status, TimeSpan.Zero);
        while (true)
        {
            var lag = await LagAsync(status, time, ended);
            var now = Figures.Of(status, Stopwatch.GetElapsedTime(start));
            var seconds = (now.At - past.At).TotalSeconds;
            logger.Rates((now.Rows - past.Rows) / seconds, (now.Delivered - past.Delivered) / seconds, (now.Commits - past.Commits) / seconds, now.LastCommit, now.Undelivered, lag);
            past = now;
        }
    }

    // How old the newest change was when it was read, looked at often: between changes the age of the last one says nothing. The worst of the ten seconds counts.
    private static async Task<double> LagAsync(PipelineStatus status, TimeProvider time, CancellationToken ended)
    {
        var (worst, rows) = (0.0, status.RowsRead);
        for (var waited = TimeSpan.Zero; waited < RatesEvery; waited += LookEvery)
        {
            await Task.Delay(LookEvery, time, ended);
            if (status.RowsRead == rows && status.RowsUndelivered == 0) continue;
            rows = status.RowsRead;
            if (status.SourceTime is { } at) worst = Math.Max(worst, (time.GetUtcNow() - at).TotalSeconds);
        }

        return worst;
    }
}
