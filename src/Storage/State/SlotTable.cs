using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pathway.Storage;

/// <summary>What is true of a cached entry.</summary>
[Flags]
internal enum SlotFlags : byte
{
    /// <summary>The slot is free.</summary>
    Free = 0,

    /// <summary>It holds an entry.</summary>
    Used = 1,

    /// <summary>The entry changed since the last commit.</summary>
    Dirty = 2,

    /// <summary>It was asked for since the last sweep.</summary>
    Referenced = 4,

    /// <summary>Nothing stands under the key: a tombstone that hides what RocksDB may still hold.</summary>
    Absent = 8,

    /// <summary>Neither RocksDB nor the log holds anything under the key.</summary>
    Fresh = 16,
}

/// <summary>A chained hash table whose entries lie in one array and carry what a cache must know of them.</summary>
/// <remarks>References to entries are valid until the next entry is added. Used by one thread.</remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">What stands under it.</typeparam>
internal sealed class SlotTable<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Memory that an entry takes besides what its key and value refer to, with its share of the buckets.</summary>
    public static readonly int SlotBytes = Unsafe.SizeOf<Slot>() + sizeof(int);

    private readonly IEqualityComparer<TKey> _comparer = EqualityComparer<TKey>.Default;
    private int[] _buckets = new int[16];
    private int _shift = 28;
    private Slot[] _slots = new Slot[16];
    private int _used;
    private int _free = -1;
    private int[] _dirty = new int[16];
    private int _dirtyCount;

    /// <summary>One entry.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Slot
    {
        public TKey Key;
        public TValue Value;
        public ulong Commit;    // the last commit that saved it; 0 for what was read from RocksDB
        public int Hash;
        public int Next;
        public int Bytes;       // what the budget counts for it
        public SlotFlags Flags;
    }

    /// <summary>Slots below this number may be used.</summary>
    public int Limit => _used;

    /// <summary>How many entries it holds, tombstones included.</summary>
    public int Count { get; private set; }

    /// <summary>What the budget counts for all entries.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many entries were ever added.</summary>
    public long Added { get; private set; }

    /// <summary>How many slots changed since the last commit.</summary>
    public int DirtyCount => _dirtyCount;

    /// <summary>The slot with number <paramref name="at"/>.</summary>
    public ref Slot this[int at]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _slots[at];
    }

    /// <summary>The hash of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Hash(in TKey key) => typeof(TKey).IsValueType ? EqualityComparer<TKey>.Default.GetHashCode(key) : _comparer.GetHashCode(key);

    /// <summary>The slot of <paramref name="key"/>; -1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in TKey key, int hash)
    {
        var slots = _slots;
        var at = _buckets[Bucket(hash)] - 1;
        while ((uint)at < (uint)slots.Length)
        {
            ref var slot = ref slots[at];
            if (slot.Hash == hash && (typeof(TKey).IsValueType ? EqualityComparer<TKey>.Default.Equals(slot.Key, key) : _comparer.Equals(slot.Key, key))) return at;
            at = slot.Next;
        }

        return -1;
    }

    /// <summary>Adds an entry for <paramref name="key"/>, which must not be there, with the default value.</summary>
    public int Add(in TKey key, int hash, SlotFlags flags)
    {
        int at;
        if (_free >= 0)
        {
            at = _free;
            _free = _slots[at].Next;
        }
        else
        {
            if (_used == _slots.Length) Grow();
            at = _used++;
        }

        ref var slot = ref _slots[at];
        ref var bucket = ref _buckets[Bucket(hash)];
        slot.Key = key;
        slot.Value = default!;
        slot.Commit = 0;
        slot.Hash = hash;
        slot.Next = bucket - 1;
        slot.Bytes = SlotBytes;
        slot.Flags = flags | SlotFlags.Used;
        bucket = at + 1;
        Count++;
        Added++;
        Bytes += SlotBytes;
        return at;
    }

    /// <summary>Frees a slot that isn't dirty.</summary>
    public void Remove(int at)
    {
        ref var slot = ref _slots[at];
        ref var link = ref _buckets[Bucket(slot.Hash)];
        if (link - 1 == at)
        {
            link = slot.Next + 1;
        }
        else
        {
            var before = link - 1;
            while (_slots[before].Next != at) before = _slots[before].Next;
            _slots[before].Next = slot.Next;
        }

        Count--;
        Bytes -= slot.Bytes;
        slot = default;
        slot.Next = _free;
        _free = at;
    }

    /// <summary>Notes that the slot changed; to be called once, when its flag is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddDirty(int at)
    {
        if (_dirtyCount == _dirty.Length) Array.Resize(ref _dirty, _dirtyCount * 2);
        _dirty[_dirtyCount++] = at;
    }

    /// <summary>Sets what the budget counts for a slot.</summary>
    public void SetBytes(ref Slot slot, int bytes)
    {
        Bytes += bytes - slot.Bytes;
        slot.Bytes = bytes;
    }

    /// <summary>The slots that changed, in the order of their numbers where there are many: memory is then read forwards.</summary>
    public ReadOnlySpan<int> TakeDirty()
    {
        var dirty = _dirty.AsSpan(0, _dirtyCount);
        _dirtyCount = 0;
        if (dirty.Length > 1024) DirtyOrder.Sort(dirty, _used);
        return dirty;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bucket(int hash) => (int)((uint)hash * 0x9E3779B1u >> _shift);

    private void Grow()
    {
        var slots = new Slot[checked(_slots.Length * 2)];
        Array.Copy(_slots, slots, _used);
        _slots = slots;
        _buckets = new int[slots.Length];
        _shift--;
        for (var at = 0; at < _used; at++)
        {
            ref var slot = ref slots[at];
            if (slot.Flags == SlotFlags.Free) continue;
            ref var bucket = ref _buckets[Bucket(slot.Hash)];
            slot.Next = bucket - 1;
            bucket = at + 1;
        }
    }
}

/// <summary>Sorts distinct slot numbers by way of a bitmap: linear, and the bitmap of a million slots fits the processor's cache.</summary>
internal static class DirtyOrder
{
    public static void Sort(Span<int> slots, int limit)
    {
        var words = System.Buffers.ArrayPool<ulong>.Shared.Rent((limit + 63) / 64);
        var bits = words.AsSpan(0, (limit + 63) / 64);
        bits.Clear();
        foreach (var slot in slots) bits[slot >> 6] |= 1UL << slot;
        var next = 0;
        for (var word = 0; word < bits.Length; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1) slots[next++] = word * 64 + System.Numerics.BitOperations.TrailingZeroCount(rest);
        }

        System.Buffers.ArrayPool<ulong>.Shared.Return(words);
    }
}
