namespace Pathway.Storage;

/// <summary>What is true of a cached entry.</summary>
[Flags]
internal enum SlotFlags : byte
{
    /// <summary>The slot is free.</summary>
    Free = 0,

    /// <summary>It holds an entry.</summary>
    Used = 1,

    /// <summary>It was asked for since the last sweep.</summary>
    Referenced = 2,

    /// <summary>Neither RocksDB nor the log holds anything under the key.</summary>
    Fresh = 4,
}

/// <summary>What commits and sweeps must know of a cached entry.</summary>
internal struct SlotState
{
    /// <summary>The last commit that saved it; 0 for what was read from RocksDB and for what was never saved.</summary>
    public ulong Commit;

    /// <summary>What the budget counts for it.</summary>
    public int Bytes;

    /// <summary>What is true of it.</summary>
    public SlotFlags Flags;
}

/// <summary>Where the search for a key begins.</summary>
public struct SlotPlace
{
    /// <summary>The key's hash.</summary>
    internal int Hash;

    /// <summary>The first entry of the key's chain; -1 for none.</summary>
    internal int Head;
}
