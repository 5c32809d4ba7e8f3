namespace Pathway.Storage;

/// <summary>How RocksDB is used.</summary>
public sealed record StateDbOptions
{
    /// <summary>Bytes of decoded blocks, indexes and filters that RocksDB keeps in memory for reads. The default is 64 MB: the typed caches are the cache.</summary>
    public long BlockCacheBytes { get; init; } = 64L << 20;

    /// <summary>About how large one sorted file of a checkpoint becomes before the next is begun. The default is 64 MB.</summary>
    public long FileBytes { get; init; } = 64L << 20;

    /// <summary>About how large the files become that checkpoints are merged into, as long as all filters fit into the cache. The default is 8 MB: with entries of a dozen bytes the filter of one takes almost a megabyte, and is read whole.</summary>
    public long MergedFileBytes { get; init; } = 8L << 20;

    /// <summary>Threads that compact in the background. The default is 2.</summary>
    public int BackgroundJobs { get; init; } = 2;
}
