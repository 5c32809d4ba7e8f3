using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pathway.Hosting;

namespace Pathway.Cli;

/// <summary>Runs a sync until it is stopped: the pipeline, its health endpoint, and what it tells people meanwhile.</summary>
internal static class SyncRun
{
    private static readonly TimeSpan RatesEvery = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(SyncConfiguration configuration, SyncChoices choices, CliContext context, LogForm form, CancellationToken stop)
    {
        using var logs = LineLoggerProvider.Factory(context.Error, form, context.Debug);
        var logger = logs.CreateLogger("Pathway");
        var health = new PipelineHealth();
        await using var endpoint = configuration.Http is { } address ? await HealthEndpoint.StartAsync(address, health, stop) : null;
        var pipeline = SyncPipeline.Build(configuration, choices, logger);
        using var stopping = stop.Register(() => health.NotReady("stopping"));
        var running = Task.Run(() => pipeline.RunAsync(logger, stop: stop), CancellationToken.None);
        using var ended = new CancellationTokenSource();
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
        var rates = new Rates(RatesEvery / 2);
        var start = Stopwatch.GetTimestamp();
        rates.Next(Figures.Of(status, TimeSpan.Zero));
        var before = status.RowsRead;
        while (true)
        {
            await Task.Delay(RatesEvery, ended);
            var now = Figures.Of(status, Stopwatch.GetElapsedTime(start));
            var (read, commits, delivered) = rates.Next(now);
            var lag = now.Rows == before && now.Undelivered == 0 ? "none, input is idle" : status.SourceTime is { } at ? $"{Math.Max(0, (TimeProvider.System.GetUtcNow() - at).TotalSeconds):0.0} s" : "unknown";
            before = now.Rows;
            logger.Rates(Math.Round(read), Math.Round(delivered), lag, now.Undelivered, now.LastCommit, Math.Round(commits, 1));
        }
    }
}
