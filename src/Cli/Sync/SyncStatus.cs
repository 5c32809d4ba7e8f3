using Pathway.Connectors.Postgres;
using Pathway.Hosting;

namespace Pathway.Cli;

/// <summary>How a running sync is doing, for who asks: <c>pathway inspect DIR</c>.</summary>
internal static class SyncStatus
{
    /// <summary>Some lines.</summary>
    public static string Of(Pipeline pipeline, PostgresCommands commands)
    {
        var more = new List<(string, string)>();
        if (commands.Wal is { } wal) more.Add(("slot", $"{Sizes.Text(wal.LagBytes)} to be confirmed, {Sizes.Text(wal.RetainedBytes)} of WAL kept for it ({wal.Status}){(wal.SafeBytes is { } safe ? $", {Sizes.Text(safe)} left before it is in danger" : "")}"));
        if (Core.DeadLetterCount.Total is > 0 and var letters) more.Add(("dead letters", $"{letters} since the start"));
        if (commands.Load is { } load) more.Add(("load", load));
        return RunningText.Of(pipeline, more);
    }
}
