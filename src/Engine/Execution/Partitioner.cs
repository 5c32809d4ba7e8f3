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
    private readonly KeyShards<TKey> _shards = new();

    public override bool Partition(Batch<TRow> input, Batch<TRow>[] parts)
    {
        var rows = input.Rows;
        var weights = input.Weights;
        for (var i = 0; i < rows.Length; i++)
        {
            if (!TryKey(in rows[i], out var rowKey))
            {
                parts[0].Add(in rows[i], input.WeightAt(i));
                continue;
            }

            // A key that is null has no shard; the operator behind says what is wrong with it, or that it matches nothing.
            var owner = rowKey is null ? 0 : ShardRange.OwnerOf(_shards.Of(in rowKey), parts.Length);
            if (weights.IsEmpty) parts[owner].Add(in rows[i]);
            else parts[owner].Add(in rows[i], weights[i]);
        }

        return true;
    }

    // What the function throws it throws again in the operator behind, which says so or makes an error of the row.
    private bool TryKey(in TRow row, out TKey rowKey)
    {
        try
        {
            rowKey = key(row);
            return true;
        }
        catch (Exception e) when (Core.RowFailure.IsOne(e))
        {
            rowKey = default!;
            return false;
        }
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
