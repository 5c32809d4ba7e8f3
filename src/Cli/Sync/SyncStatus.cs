using System.Globalization;
using Pathway.Connectors.Postgres;

namespace Pathway.Cli;

/// <summary>How a running sync is doing, for who asks: <c>pathway inspect DIR</c>.</summary>
internal static class SyncStatus
{
    /// <summary>Some lines.</summary>
    public static string Of(SyncConfiguration configuration, PipelineStatus status, PostgresCommands commands)
    {
        var lines = new List<string> { configuration.State };
        Line("pipeline", $"{configuration.Name}, running{(status.IsStreaming ? ", streaming" : ", not streaming yet")}");
        Line("last commit", status.LastCommit.ToString());
        Line("rows", string.Create(CultureInfo.InvariantCulture, $"{status.RowsRead} read, {status.RowsDelivered} delivered, {status.RowsUndelivered} committed and to be delivered"));
        Line("log", Sizes.Text(status.LogBytes));
        Line("state", $"RocksDB {Sizes.Text(status.CheckpointBytes)}, caches {Sizes.Text(status.StateBytes)}");
        if (status.SourceTime is { } at) Line("source time", at.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        if (commands.Wal is { } wal) Line("slot", $"{Sizes.Text(wal.LagBytes)} to be confirmed, {Sizes.Text(wal.RetainedBytes)} of WAL kept for it ({wal.Status}){(wal.SafeBytes is { } safe ? $", {Sizes.Text(safe)} left before it is in danger" : "")}");
        if (commands.Load is { } load) Line("load", load);
        return string.Join(Environment.NewLine, lines);

        void Line(string name, string text) => lines.Add($"  {name,-12} {text}");
    }
}
