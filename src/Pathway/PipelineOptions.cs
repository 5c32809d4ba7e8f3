using Pathway.Checkpointing;

namespace Pathway;

/// <summary>How a pipeline runs. Immutable; changed with <c>with</c>.</summary>
public sealed record PipelineOptions
{
    /// <summary>Where state lives. Default <c>./state</c>.</summary>
    public string StateDirectory { get; init; } = "state";

    /// <summary>The longest time between two commits while input flows. Default 100 ms; an idle input is committed at once.</summary>
    public TimeSpan CommitEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Threads that compute, each over the keys that it owns. Default 1. A restart may use another number. With several, functions over rows are called by several threads at once.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Memory that the process should stay within, in bytes: caches of the state, RocksDB's, buffers, and all else that is resident. State that doesn't fit is read from disk. Default: half of what the machine or the
    /// container has.
    /// </summary>
    public long MemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Bytes of input that may wait for the engine; a full queue makes sources wait. Default 32 MB.</summary>
    public long QueueBytes { get; init; } = 32L << 20;

    /// <summary>How long a stop waits for what is durable to be delivered. Default 5 s; what is left stays in the log.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a plan that differs from the one that wrote the state is accepted. Default false: refused, with the difference.</summary>
    public bool AcceptPlan { get; init; }

    /// <summary>Whether a new state directory may go on from the marker of a lost one. Default false: refused.</summary>
    public bool AdoptMarker { get; init; }

    /// <summary>What becomes of a row on which a function of yours throws. Default: it stops the pipeline.</summary>
    public ErrorPolicy OnError { get; init; } = ErrorPolicy.Stop;

    /// <summary>Waits between tries while a target can't be reached, and when to give up.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>When the log is folded into RocksDB.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Snapshots that it makes by itself; null, the default, for none.</summary>
    public SnapshotOptions? Snapshots { get; init; }
}
