namespace Pathway.Cli;

/// <summary>The figures of a running pipeline at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Rows">Rows read since the start.</param>
/// <param name="Commits">Commits since the start.</param>
/// <param name="LastCommit">The last durable commit.</param>
/// <param name="Delivered">Rows delivered since the start.</param>
/// <param name="Undelivered">Rows in the log that have yet to be delivered.</param>
/// <param name="CacheBytes">Bytes of the typed caches.</param>
/// <param name="LogBytes">Bytes of the commit log.</param>
/// <param name="StateBytes">Bytes of RocksDB.</param>
internal readonly record struct Figures(TimeSpan At, long Rows, long Commits, ulong LastCommit, long Delivered, long Undelivered, long CacheBytes, long LogBytes, long StateBytes)
{
    /// <summary>The figures of now.</summary>
    public static Figures Of(PipelineStatus status, TimeSpan at) =>
        new(at, status.RowsRead, status.Commits, status.LastCommit.Value, status.RowsDelivered, status.RowsUndelivered, status.StateBytes, status.LogBytes, status.CheckpointBytes);
}

/// <summary>Rates over the last seconds, from figures taken now and then.</summary>
internal sealed class Rates(TimeSpan window)
{
    private readonly Queue<Figures> _past = new();

    /// <summary>Takes the next figures, and says what came a second since the oldest of the window.</summary>
    public (double Rows, double Commits, double Delivered) Next(in Figures now)
    {
        while (_past.TryPeek(out var oldest) && _past.Count > 1 && now.At - oldest.At > window) _past.Dequeue();
        var first = _past.TryPeek(out var past) ? past : now;
        _past.Enqueue(now);
        var seconds = (now.At - first.At).TotalSeconds;
        return seconds <= 0 ? (0, 0, 0) : ((now.Rows - first.Rows) / seconds, (now.Commits - first.Commits) / seconds, (now.Delivered - first.Delivered) / seconds);
    }
}
