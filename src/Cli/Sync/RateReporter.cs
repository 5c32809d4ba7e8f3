using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>Every ten seconds a line of rates and lag, while a pipeline runs.</summary>
internal static class RateReporter
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(PipelineStatus status, ILogger logger, TimeProvider time, CancellationToken stop)
    {
        var (read, delivered, commits) = (status.RowsRead, status.RowsDelivered, status.Commits);
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            var (readNow, deliveredNow, commitsNow) = (status.RowsRead, status.RowsDelivered, status.Commits);
            var seconds = Every.TotalSeconds;
            var lag = status.RowsUndelivered == 0 || status.SourceTime is not { } at ? 0 : Math.Max(0, (time.GetUtcNow() - at).TotalSeconds);
            logger.Rates((readNow - read) / seconds, (deliveredNow - delivered) / seconds, (commitsNow - commits) / seconds, status.RowsUndelivered, lag);
            (read, delivered, commits) = (readNow, deliveredNow, commitsNow);
        }
    }
}
