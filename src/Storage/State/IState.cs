namespace Pathway.Storage;

/// <summary>What the store knows of one state.</summary>
internal interface IState
{
    OperatorId Id { get; }

    /// <summary>What the budget counts for its cache.</summary>
    long CacheBytes { get; }

    /// <summary>About how much of it changed since the last commit.</summary>
    long DirtyBytes { get; }

    /// <summary>How many entries came into its cache so far.</summary>
    long Added { get; }

    /// <summary>Fills the cache from RocksDB if it fits.</summary>
    void Load();

    /// <summary>Encodes every dirty entry once; they belong to <paramref name="commit"/> from now on.</summary>
    void SaveChanges(StateChanges changes, ulong commit);

    /// <summary>Takes back one entry that was saved in <paramref name="commit"/>.</summary>
    void Replay(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, bool isDelete, ulong commit);

    /// <summary>Frees tombstones that a checkpoint covers; looks at <paramref name="fuel"/> at most and gives what is left of it.</summary>
    int FreeTombstones(int fuel);

    /// <summary>Gives back memory that evicted entries left, where it is worth the work. Right behind <see cref="SaveChanges"/>.</summary>
    void Trim();

    /// <summary>Evicts up to <paramref name="excess"/> bytes, looking at <paramref name="fuel"/> slots at most; gives what is left of it. True at the end of the table.</summary>
    bool Sweep(ref int fuel, ref long excess);
}
