using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pathway.Storage;

/// <summary>A chained hash table whose entries lie in blocks, with what a cache must know of them in others.</summary>
/// <remarks>
/// The hot path touches a bucket, the entry and a bit; with a million keys each of them is a miss of the processor's caches, so what only commits and sweeps need lies apart.
/// Growing copies no block, and a table that holds less gives blocks back. References to entries are valid until the next one is added. Used by one thread.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">What stands under it.</typeparam>
internal sealed class SlotTable<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Memory that an entry takes besides what its key and value refer to, with its share of the buckets.</summary>
    public static readonly int SlotBytes = Unsafe.SizeOf<Entry>() + Unsafe.SizeOf<SlotState>() + sizeof(int);

    private const int AbsentBit = int.MinValue;

    /// <summary>The first block grows from this length to that of all others.</summary>
    private const int FirstLength = 16;

    /// <summary>About how large a block is: with many small ones, finding the block costs a fifth of a group-by over a million groups.</summary>
    private const int BlockBytes = 1 << 20;

    /// <summary>About how many entries the processor's own caches hold.</summary>
    private const int FitsCaches = 16_384;

    private static readonly int BlockShift = Math.Clamp(BitOperations.Log2((uint)(BlockBytes / Unsafe.SizeOf<Entry>())), 4, 14);
    private static readonly int BlockLength = 1 << BlockShift;

    private readonly IEqualityComparer<TKey> _comparer = EqualityComparer<TKey>.Default;
    private int[] _buckets = new int[17];
    private ulong _divide = ulong.MaxValue / 17 + 1;
    private Entry[][] _entries = [new Entry[FirstLength]];
    private SlotState[][] _states = [new SlotState[FirstLength]];
    private ulong[] _dirty = new ulong[1];    // a bit for each slot
    private int _room = FirstLength;    // of all blocks
    private bool _anyDirty;
    private int _free = -1;
    private int _loaded;    // keeps the compiler from leaving the loads of FindHeads out

    /// <summary>Key, value and chain. The sign of the hash says that nothing stands under the key, so that the hot path doesn't find it.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Entry
    {
        public TKey Key;
        public TValue Value;
        public int Hash;
        public int Next;
    }

    /// <summary>Slots below this number may be used.</summary>
    public int Limit { get; private set; }

    /// <summary>How many entries it holds, absent ones included.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are absent: tombstones that hide what RocksDB may still hold.</summary>
    public int AbsentCount { get; private set; }

    /// <summary>What the budget counts for all entries.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many entries were ever added.</summary>
    public long Added { get; private set; }

    /// <summary>The entry with number <paramref name="at"/>.</summary>
    public ref Entry this[int at]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref At(_entries, at);
    }

    /// <summary>What the cache knows of the entry with number <paramref name="at"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref SlotState StateOf(int at) => ref _states[at >> BlockShift][at & (BlockLength - 1)];

    /// <summary>The hash of a key; never negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Hash(in TKey key) => int.MaxValue & (typeof(TKey).IsValueType ? EqualityComparer<TKey>.Default.GetHashCode(key) : _comparer.GetHashCode(key));

    /// <summary>The slot of <paramref name="key"/>, if something stands under it; else -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindLive(in TKey key, int hash)
    {
        return FindLiveFrom(_buckets[Bucket(hash)] - 1, in key, hash);
    }

    /// <summary>Where the chains of <paramref name="keys"/> begin.</summary>
    /// <remarks>Nothing in these loops waits for what an earlier turn loads, so the processor has many misses of its caches under way at once: with a million keys that is most of the time.</remarks>
    public void FindHeads(ReadOnlySpan<TKey> keys, Span<SlotPlace> places)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var hash = Hash(in keys[i]);
            places[i] = new SlotPlace { Hash = hash, Head = _buckets[Bucket(hash)] - 1 };
        }

        if (Limit > FitsCaches) _loaded = Load(_entries, places[..keys.Length]);
    }

    /// <summary>The slot of <paramref name="key"/> in the chain that begins at <paramref name="head"/>, if something stands under it; else -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindLiveFrom(int head, in TKey key, int hash)
    {
        var entries = _entries;
        while (head >= 0)
        {
            ref var entry = ref At(entries, head);
            if (entry.Hash == hash && KeysEqual(in entry.Key, in key)) return head;
            head = entry.Next;
        }

        return -1;
    }

    /// <summary>The slot of <paramref name="key"/>, be it absent; -1 if there is none.</summary>
    public int Find(in TKey key, int hash)
    {
        for (var at = _buckets[Bucket(hash)] - 1; at >= 0;)
        {
            ref var entry = ref this[at];
            if ((entry.Hash & int.MaxValue) == hash && KeysEqual(in entry.Key, in key)) return at;
            at = entry.Next;
        }

        return -1;
    }

    /// <summary>Adds an entry for <paramref name="key"/>, which must not be there, with the default value.</summary>
    public int Add(in TKey key, int hash, SlotFlags flags = SlotFlags.Used)
    {
        int at;
        if (_free >= 0)
        {
            at = _free;
            _free = this[at].Next;
        }
        else
        {
            if (Limit == _room) Grow();
            at = Limit++;
        }

        ref var bucket = ref _buckets[Bucket(hash)];
        ref var entry = ref this[at];
        (entry.Key, entry.Value, entry.Hash, entry.Next) = (key, default!, hash, bucket - 1);
        bucket = at + 1;
        StateOf(at) = new SlotState { Flags = flags | SlotFlags.Used, Bytes = SlotBytes };
        Count++;
        Added++;
        Bytes += SlotBytes;
        return at;
    }

    /// <summary>Frees a slot that isn't dirty.</summary>
    public void Remove(int at)
    {
        SetAbsent(at, false);
        ref var entry = ref this[at];
        Relink(at, entry.Hash, entry.Next);
        Count--;
        ref var state = ref StateOf(at);
        Bytes -= state.Bytes;
        state = default;
        entry = default;
        entry.Next = _free;
        _free = at;
    }

    /// <summary>Whether nothing stands under the entry's key.</summary>
    public bool IsAbsent(int at) => this[at].Hash < 0;

    /// <summary>Says whether nothing stands under the entry's key; whether that is new.</summary>
    public bool SetAbsent(int at, bool isAbsent)
    {
        ref var entry = ref this[at];
        if (entry.Hash < 0 == isAbsent) return false;
        entry.Hash ^= AbsentBit;
        AbsentCount += isAbsent ? 1 : -1;
        return true;
    }

    /// <summary>Sets what the budget counts for a slot.</summary>
    public void SetBytes(int at, int bytes)
    {
        ref var state = ref StateOf(at);
        Bytes += bytes - state.Bytes;
        state.Bytes = bytes;
    }

    /// <summary>Notes that the entry changed since the last commit.</summary>
    /// <remarks>
    /// Without a branch: whether a key met again was dirty already is a coin toss with many keys, and a wrong guess that waits for memory costs as much as the rest of the row.
    /// The bits of a million slots are 128 KB, and give them in the order of memory at the commit.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MarkDirty(int at)
    {
        _anyDirty = true;
        _dirty[at >> 6] |= 1UL << at;
    }

    /// <summary>How many entries changed since the last commit.</summary>
    public int DirtyCount
    {
        get
        {
            var count = 0;
            foreach (var bits in _dirty) count += BitOperations.PopCount(bits);
            return count;
        }
    }

    /// <summary>Whether the entry changed since the last commit.</summary>
    public bool IsDirty(int at) => (_dirty[at >> 6] >> at & 1) != 0;

    /// <summary>The next entry that changed, from <paramref name="at"/> on, which is clean from now on; -1 behind the last.</summary>
    public int TakeDirty(int at)
    {
        if (!_anyDirty) return -1;
        for (var word = at >> 6; word < _dirty.Length; word++)
        {
            var bits = _dirty[word];
            if (bits == 0) continue;
            _dirty[word] = bits & (bits - 1);
            return word * 64 + BitOperations.TrailingZeroCount(bits);
        }

        _anyDirty = false;
        return -1;
    }

    /// <summary>Moves entries from the last blocks to free places in earlier ones, and gives the blocks back, where that gives back a sixteenth or more. Only while nothing is dirty; <paramref name="moved"/> is told where absent entries stand now.</summary>
    public void Trim(Action<int> moved)
    {
        var limit = (Count + Count / 32 + BlockLength) & -BlockLength;
        if (_anyDirty || limit > Limit - Limit / 16) return;
        var hole = 0;
        for (var at = limit; at < Limit; at++)
        {
            if (StateOf(at).Flags == SlotFlags.Free) continue;
            while (StateOf(hole).Flags != SlotFlags.Free) hole++;
            ref var entry = ref this[at];
            Relink(at, entry.Hash & int.MaxValue, hole);
            (this[hole], StateOf(hole)) = (entry, StateOf(at));
            if (IsAbsent(hole)) moved(hole);
        }

        Limit = _room = limit;
        Array.Resize(ref _entries, limit >> BlockShift);
        Array.Resize(ref _states, limit >> BlockShift);
        Array.Resize(ref _dirty, (limit + 63) / 64);
        _free = -1;
        for (var at = limit - 1; at >= 0; at--)
        {
            if (StateOf(at).Flags != SlotFlags.Free) continue;
            this[at].Next = _free;
            _free = at;
        }

        if (_buckets.Length > 2 * limit) ChainAnew(limit);
    }

    private static int Load(Entry[][] entries, ReadOnlySpan<SlotPlace> places)
    {
        var all = 0;
        foreach (ref readonly var place in places) all ^= At(entries, Math.Max(place.Head, 0)).Hash;
        return all;
    }

    // A number that was given out lies within its block: the second check would cost a twentieth of a group-by.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Entry At(Entry[][] entries, int at) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(entries[at >> BlockShift]), at & (BlockLength - 1));

    /// <summary>What led to <paramref name="at"/> leads to <paramref name="next"/> now.</summary>
    private void Relink(int at, int hash, int next)
    {
        ref var bucket = ref _buckets[Bucket(hash)];
        if (bucket - 1 == at)
        {
            bucket = next + 1;
            return;
        }

        var before = bucket - 1;
        while (this[before].Next != at) before = this[before].Next;
        this[before].Next = next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool KeysEqual(in TKey left, in TKey right) => typeof(TKey).IsValueType ? EqualityComparer<TKey>.Default.Equals(left, right) : _comparer.Equals(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bucket(int hash)
    {
        // The rest of a division by a prime (as Lemire has it, without dividing): numbers that run on, the most frequent keys of all, never meet in one bucket.
        return (int)(((_divide * (uint)hash >> 32) + 1) * (uint)_buckets.Length >> 32);
    }

    private void Grow()
    {
        if (_room < BlockLength)
        {
            Array.Resize(ref _entries[0], _room *= 2);
            Array.Resize(ref _states[0], _room);
        }
        else
        {
            var block = _room >> BlockShift;
            _room = checked(_room + BlockLength);
            if (block == _entries.Length)
            {
                Array.Resize(ref _entries, 2 * block);
                Array.Resize(ref _states, 2 * block);
            }

            (_entries[block], _states[block]) = (new Entry[BlockLength], new SlotState[BlockLength]);
        }

        if (_room > _dirty.Length * 64) Array.Resize(ref _dirty, 2 * _dirty.Length);
        if (_room > _buckets.Length) ChainAnew(2 * _room);
    }

    /// <summary>Makes new buckets, enough for <paramref name="size"/> entries.</summary>
    private void ChainAnew(int size)
    {
        _buckets = new int[PrimeFrom(size)];
        _divide = ulong.MaxValue / (uint)_buckets.Length + 1;
        for (var at = 0; at < Limit; at++)
        {
            if (StateOf(at).Flags == SlotFlags.Free) continue;
            ref var entry = ref this[at];
            ref var bucket = ref _buckets[Bucket(entry.Hash & int.MaxValue)];
            entry.Next = bucket - 1;
            bucket = at + 1;
        }
    }

    private static int PrimeFrom(int size)
    {
        var prime = size | 1;
        for (var divisor = 3L; divisor * divisor <= prime; divisor += 2)
        {
            if (prime % divisor != 0) continue;
            prime += 2;
            divisor = 1;
        }

        return prime;
    }
}
