using System.Runtime.CompilerServices;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Says which worker each row belongs to. Used by one worker.</summary>
internal abstract class Partitioner<TRow>
{
    /// <summary>Adds the rows of <paramref name="input"/> to the part of the worker they belong to; false where they have to be taken in in order, on one thread.</summary>
    public abstract bool Partition(Batch<TRow> input, Batch<TRow>[] parts);
}

/// <summary>By the shard of a key, as state is.</summary>
internal sealed class KeyPartitioner<TRow, TKey>(Func<TRow, TKey> key) : Partitioner<TRow>
{
    private const int BlockLength = 256;

    private readonly KeyShards<TKey> _shards = new();
    private readonly TKey[] _keys = new TKey[BlockLength];
    private readonly byte[] _found = new byte[BlockLength];

    public override bool Partition(Batch<TRow> input, Batch<TRow>[] parts)
    {
        for (var from = 0; from < input.Count; from += BlockLength)
        {
            var rows = input.Rows.Slice(from, Math.Min(BlockLength, input.Count - from));
            var keys = _keys.AsSpan(0, rows.Length);
            if (!TryReadKeys(rows, keys)) ReadKeysOneByOne(rows, keys);
            // A key that is null has no shard; the operator behind says what is wrong with it, or that it matches nothing.
            _shards.Of(keys, _found);
            for (var i = 0; i < rows.Length; i++)
            {
                var part = parts[ShardRange.OwnerOf(_found[i], parts.Length)];
                if (input.Weights.IsEmpty) part.Add(in rows[i]);
                else part.Add(in rows[i], input.Weights[from + i]);
            }
        }

        return true;
    }

    private bool TryReadKeys(ReadOnlySpan<TRow> rows, Span<TKey> keys)
    {
        try
        {
            for (var i = 0; i < rows.Length; i++) keys[i] = key(rows[i]);
            return true;
        }
        catch (Exception e) when (Core.RowFailure.IsOne(e))
        {
            return false;
        }
    }

    // What the function throws it throws again in the operator behind, on whichever worker, which says so or makes an error of the row.
    private void ReadKeysOneByOne(ReadOnlySpan<TRow> rows, Span<TKey> keys)
    {
        for (var i = 0; i < rows.Length; i++)
            if (!TryReadKeys(rows.Slice(i, 1), keys.Slice(i, 1))) keys[i] = default!;
    }
}

/// <summary>Equal rows to one worker, whichever: for what keeps no state between steps.</summary>
internal sealed class RowPartitioner<TRow> : Partitioner<TRow>
{
    public override bool Partition(Batch<TRow> input, Batch<TRow>[] parts)
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var hash = rows[i] is { } row ? (uint)EqualityComparer<TRow>.Default.GetHashCode(row) * 0x9E3779B1u : 0;
            parts[(int)((ulong)hash * (uint)parts.Length >> 32)].Add(in rows[i], input.WeightAt(i));
        }

        return true;
    }
}

/// <summary>All rows to the first worker.</summary>
internal sealed class OnePartitioner<TRow> : Partitioner<TRow>
{
    public override bool Partition(Batch<TRow> input, Batch<TRow>[] parts)
    {
        parts[0].AddRange(input);
        return true;
    }
}
