using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>How a state directory is opened.</summary>
public sealed record StateFolderOptions
{
    /// <summary>The directory.</summary>
    public required string Directory { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Name { get; init; }

    /// <summary>The plan that wants to use the state.</summary>
    public required PlanDescription Plan { get; init; }

    /// <summary>The durable names of the plan's states.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>The moment of the start.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What a change from the plan that wrote the state asks for, or a refusal. Null, the default: every other plan is refused.</summary>
    public Func<Manifest, StateEvolution>? Evolve { get; init; }

    /// <summary>How many workers there are. Default 1; state is found again whatever their number was.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The disk under the log.</summary>
    public IDisk Disk { get; init; } = new LocalDisk();

    /// <summary>Limits of the log.</summary>
    public CommitLogOptions Log { get; init; } = new();

    /// <summary>How RocksDB is used.</summary>
    public StateDbOptions Db { get; init; } = new();

    /// <summary>Limits of the state.</summary>
    public StateOptions StateLimits { get; init; } = new();
}
