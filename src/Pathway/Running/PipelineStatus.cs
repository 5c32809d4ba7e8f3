using Pathway.Core;

namespace Pathway;

/// <summary>How a running pipeline is doing: counters since the start, readable from any thread.</summary>
public sealed class PipelineStatus
{
    private readonly TaskCompletionSource _streaming = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _guard = new(); // of _gauges, and held while one is read
    private Gauges _gauges = new(static () => 0, static () => 0, static () => 0, static () => 0, static () => 0, static () => 0);
    private long _read, _stateBytes, _sourceTicks, _commits;
    private readonly TaskCompletionSource<StartReport> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was found and decided at start; null until then.</summary>
    public StartReport? Start => _started.Task.IsCompletedSuccessfully ? _started.Task.Result : null;

    /// <summary>Completes when everything is decided: targets claimed, sources about to begin.</summary>
    public Task<StartReport> Started => _started.Task;

    /// <summary>Whether every source delivers changes: the pipeline is ready.</summary>
    public bool IsStreaming => _streaming.Task.IsCompletedSuccessfully;

    /// <summary>Completes when <see cref="IsStreaming"/> becomes true.</summary>
    public Task Streaming => _streaming.Task;

    /// <summary>Rows read from sources.</summary>
    public long RowsRead => Volatile.Read(ref _read);

    /// <summary>Rows delivered to targets.</summary>
    public long RowsDelivered => Gauge(g => g.RowsDelivered);

    /// <summary>Rows in the log that targets have yet to get.</summary>
    public long RowsUndelivered => Gauge(g => g.RowsUndelivered);

    /// <summary>Rows that became errors since the start (<see cref="Pipeline.Errors"/>).</summary>
    public long RowErrors => Gauge(g => g.RowErrors);

    /// <summary>Questions that were asked outside and have no answer yet (<see cref="Asks"/>).</summary>
    public long OpenQuestions => Gauge(g => g.OpenQuestions);

    /// <summary>Commits made since the start.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>The last durable commit.</summary>
    public CommitNumber LastCommit { get; private set; }

    /// <summary>Bytes of the typed caches, about.</summary>
    public long StateBytes => Volatile.Read(ref _stateBytes);

    /// <summary>Bytes of the commit log on disk.</summary>
    public long LogBytes => Gauge(g => g.LogBytes);

    /// <summary>Bytes of RocksDB on disk.</summary>
    public long CheckpointBytes => Gauge(g => g.CheckpointBytes);

    /// <summary>When the source committed the newest transaction that was read; null before the first.</summary>
    public DateTimeOffset? SourceTime
    {
        get => Volatile.Read(ref _sourceTicks) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        internal set => Volatile.Write(ref _sourceTicks, value?.UtcTicks ?? 0);
    }

    internal void AddRead(int rows) => Volatile.Write(ref _read, _read + rows); // the engine's thread alone writes it

    internal void SetState(long bytes) => Volatile.Write(ref _stateBytes, bytes);

    /// <summary>From now on the gauges are read from what runs.</summary>
    internal void Watch(Gauges gauges)
    {
        lock (_guard) _gauges = gauges;
    }

    /// <summary>Keeps the last values: what they are read from is about to be closed.</summary>
    internal void Freeze()
    {
        lock (_guard)
        {
            var (delivered, undelivered, log, checkpoint, errors, questions) = (_gauges.RowsDelivered(), _gauges.RowsUndelivered(), _gauges.LogBytes(), _gauges.CheckpointBytes(), _gauges.RowErrors(), _gauges.OpenQuestions());
            _gauges = new Gauges(() => delivered, () => undelivered, () => log, () => checkpoint, () => errors, () => questions);
        }
    }

    internal void SetStart(StartReport report) => _started.TrySetResult(report);

    internal void SetStreaming() => _streaming.TrySetResult();

    internal void SetCommitted(CommitNumber commit)
    {
        LastCommit = commit;
        Interlocked.Increment(ref _commits);
    }

    private long Gauge(Func<Gauges, Func<long>> which)
    {
        lock (_guard) return which(_gauges)();
    }

    /// <summary>Where figures are read that live in the parts of a running pipeline.</summary>
    internal sealed record Gauges(Func<long> RowsDelivered, Func<long> RowsUndelivered, Func<long> LogBytes, Func<long> CheckpointBytes, Func<long> RowErrors, Func<long> OpenQuestions);
}
