using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Pathway.Connectors.Postgres;

/// <summary>What is told of a load: every ten seconds in the log, and at any time to those who ask.</summary>
internal sealed class LoadReport(PostgresOptions options, SourceContext context, long rowsAtStart)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private long _began = context.Time.GetTimestamp(), _told = context.Time.GetTimestamp(), _rowsAtStart = rowsAtStart;

    /// <summary>One more table was asked for.</summary>
    public void Begin(long rows)
    {
        if (options.Commands is { Load: null }) (_began, _rowsAtStart) = (context.Time.GetTimestamp(), rows);
    }

    /// <summary>It has moved on.</summary>
    public void Tell(LoadProgress now, IReadOnlyList<FoundTable> tables)
    {
        var left = tables.Where(t => now.Pending!.Any(p => p.Table == t.FullName)).Sum(t => Math.Max(t.Estimate, 0));
        var estimate = Math.Max(now.Rows, now.Pending!.Any(p => p.After is not null) ? tables.Sum(t => Math.Max(t.Estimate, 0)) : now.Rows + left);
        var rate = (now.Rows - _rowsAtStart) / Math.Max(context.Time.GetElapsedTime(_began).TotalSeconds, 0.001);
        var percent = 100.0 * now.Rows / Math.Max(estimate, 1);
        if (options.Commands is { } commands)
        {
            commands.Load = string.Create(
                CultureInfo.InvariantCulture, $"loading {now.Pending![0].Table}, {now.Pending.Count} tables to go: {now.Rows} rows loaded, about {percent:0} % of {estimate}, {rate:0} rows/s{Left(estimate - now.Rows, rate)}");
        }

        if (context.Time.GetElapsedTime(_told) < Every) return;
        _told = context.Time.GetTimestamp();
        context.Logger.LoadProgress(now.Pending![0].Table, now.Rows, percent, estimate, rate);
    }

    /// <summary>All is loaded.</summary>
    public void Complete(LoadProgress last, LoadCause cause)
    {
        End();
        if (cause == LoadCause.First) context.Logger.LoadComplete(last.Rows, last.Done);
        else context.Logger.LaterLoadComplete(last.Rows, last.Done);
    }

    /// <summary>Nothing is told any more.</summary>
    public void End()
    {
        if (options.Commands is { } commands) commands.Load = null;
    }

    private static string Left(long rows, double rate) => rate < 1 || rows <= 0 ? "" : $", about {TimeSpan.FromSeconds(rows / rate).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)} left";
}
