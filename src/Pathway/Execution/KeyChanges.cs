using System.Numerics;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Execution;

/// <summary>The changes of a keyed table since the last commit, put together by key.</summary>
/// <remarks>A chained hash table that takes whole batches: first the chains of a block of rows are found, then they are walked, so that misses of the processor's caches overlap.</remarks>
internal sealed class KeyChanges<TKey, TRow>(string description)
    where TKey : notnull
{
    private const int BlockLength = 64, LengthMin = 1024;

    /// <summary>Room for more changes than this is given back when they are forgotten.</summary>
    private const int KeptLength = 1 << 20;

    private static readonly bool Refers = RuntimeHelpers.IsReferenceOrContainsReferences<KeyChange<TKey, TRow>>();
    private KeyChange<TKey, TRow>[] _changes = [];
    private int[] _heads = [];    // the number of a chain's first change, plus one; 0 for none
    private int _shift;
    private int _count;
    private int _loaded;    // keeps the compiler from leaving loads out

    /// <summary>Rows came (positive weight, or no weights at all) or went (negative).</summary>
    public void Add(ReadOnlySpan<Keyed<TKey, TRow>> rows, ReadOnlySpan<long> weights)
    {
        for (var from = 0; from < rows.Length; from += BlockLength)
        {
            var length = Math.Min(BlockLength, rows.Length - from);
            if (_count + length > _changes.Length) Grow();
            AddBlock(rows.Slice(from, length), weights.IsEmpty ? default : weights.Slice(from, length));
        }
    }

    /// <summary>All changes, one for a key.</summary>
    /// <exception cref="BadDataException">Two rows stand under one key.</exception>
    public ReadOnlySpan<KeyChange<TKey, TRow>> Settle()
    {
        var changes = _changes.AsSpan(0, _count);
        foreach (ref var change in changes) change.Settle(description);
        return changes;
    }

    /// <summary>Forgets all changes.</summary>
    public void Clear()
    {
        if (_changes.Length > KeptLength && _count < KeptLength / 2) (_changes, _heads) = ([], []);
        else Array.Clear(_heads);
        if (Refers && _changes.Length > 0) Array.Clear(_changes, 0, _count);
        _count = 0;
    }

    private void AddBlock(ReadOnlySpan<Keyed<TKey, TRow>> rows, ReadOnlySpan<long> weights)
    {
        Span<int> buckets = stackalloc int[BlockLength];
        for (var i = 0; i < rows.Length; i++) buckets[i] = BucketOf(rows[i].Key);
        _loaded = Load(_heads, _changes, buckets[..rows.Length]);
        var at = -1;
        for (var i = 0; i < rows.Length; i++)
        {
            // The old row and the new one of a key mostly come one behind the other.
            if (at < 0 || !EqualityComparer<TKey>.Default.Equals(_changes[at].Key, rows[i].Key)) at = FindOrAdd(buckets[i], rows[i].Key);
            _changes[at].Add(rows[i].Row, weights.IsEmpty ? 1 : weights[i]);
        }
    }

    private static int Load(int[] heads, KeyChange<TKey, TRow>[] changes, ReadOnlySpan<int> buckets)
    {
        var all = 0;
        foreach (var bucket in buckets) all ^= changes[Math.Max(heads[bucket] - 1, 0)].Next;
        return all;
    }

    private int FindOrAdd(int bucket, in TKey key)
    {
        ref var head = ref _heads[bucket];
        for (var at = head - 1; at >= 0; at = _changes[at].Next - 1)
            if (EqualityComparer<TKey>.Default.Equals(_changes[at].Key, key)) return at;
        _changes[_count] = new KeyChange<TKey, TRow>(key) { Next = head };
        head = ++_count;
        return _count - 1;
    }

    private int BucketOf(in TKey key) => (int)((uint)EqualityComparer<TKey>.Default.GetHashCode(key) * 0x9E3779B1u >> _shift);

    private void Grow()
    {
        Array.Resize(ref _changes, Math.Max(LengthMin, _changes.Length * 2));
        _heads = new int[_changes.Length * 2];
        _shift = 32 - BitOperations.Log2((uint)_heads.Length);
        for (var at = 0; at < _count; at++)
        {
            ref var head = ref _heads[BucketOf(_changes[at].Key)];
            _changes[at].Next = head;
            head = at + 1;
        }
    }
}
