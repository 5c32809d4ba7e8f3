namespace Pathway.Running;

/// <summary>What of a pipeline's memory goes where. What isn't named here (the runtime, connectors, garbage) takes what it takes, and the caches of the state get the rest (<see cref="MemoryWatch"/>).</summary>
/// <param name="Bytes"><see cref="PipelineOptions.MemoryBytes"/>.</param>
internal readonly record struct MemoryShares(long Bytes)
{
    /// <summary>RocksDB's blocks, indexes and filters. Where state is larger than memory, an index or filter that has to be read from disk costs more than an entry.</summary>
    public long BlockCache => Math.Max(Bytes / 5, 8L << 20);

    /// <summary>What the caches of the state begin with.</summary>
    public long CachesAtFirst => Bytes / 4;

    /// <summary>What they may go down to, whatever else there is.</summary>
    public long CachesAtLeast => Bytes / 8;

    /// <summary>What a checkpoint sorts in memory.</summary>
    public int Fold(int most) => (int)Math.Clamp(Bytes / 32, 1L << 20, most);

    /// <summary>What waits for the engine.</summary>
    public long Queue(long most) => Math.Clamp(Bytes / 32, 1L << 20, most);

    /// <summary>Formatted output that waits for a commit.</summary>
    public long Output => Math.Clamp(Bytes / 16, 1L << 20, 32L << 20);
}
