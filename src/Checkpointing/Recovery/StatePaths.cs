namespace Pathway.Checkpointing;

/// <summary>Every durable name inside a state directory, made in one place.</summary>
/// <param name="Root">The state directory.</param>
public readonly record struct StatePaths(string Root)
{
    /// <summary>Held by the one process that uses the directory.</summary>
    public string Lock => Path.Combine(Root, "lock");

    /// <summary>Who the pipeline is: identity, incarnations, operator ids, plan.</summary>
    public string Manifest => Path.Combine(Root, "pipeline.json");

    /// <summary>The commit log's segments.</summary>
    public string Log => Path.Combine(Root, "log");

    /// <summary>RocksDB.</summary>
    public string State => Path.Combine(Root, "state");

    /// <summary>What doesn't fit into memory and isn't needed after the run; emptied at a start.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    /// <summary>Sorted runs of a checkpoint in the making.</summary>
    public string Fold => Path.Combine(Root, "fold");

    /// <summary>What a source transaction that is larger than memory has changed in the state; emptied at a start.</summary>
    public string Spill => Path.Combine(Root, "spill");

    /// <summary>Sorted runs of a spill in the making.</summary>
    public string SpillRuns => Path.Combine(Root, "spill-runs");

    /// <summary>What a snapshot of the running pipeline is made of, meanwhile.</summary>
    public string Frozen => Path.Combine(Root, "frozen");
}
