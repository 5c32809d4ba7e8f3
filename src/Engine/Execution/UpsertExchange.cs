using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Sends what a source says about keys to the workers that own them.</summary>
/// <remarks>
/// A row that moves from a key of one worker to a key of another, as a patch of the old row, needs both workers' state in the order of the source: a step with such a move is taken in by one thread. It is rare:
/// the source's key was changed and its log left a large value out.
/// </remarks>
internal sealed class UpsertExchange<TKey, TRow>(int workers) : Exchange<Upsert<TKey, TRow>>(workers)
    where TKey : notnull
{
    private readonly Batch<Upsert<TKey, TRow>>[] _inputs = new Batch<Upsert<TKey, TRow>>[workers];
    private readonly ApplyUpserts<TKey, TRow>[] _operators = new ApplyUpserts<TKey, TRow>[workers];
    private readonly KeyShards<TKey> _shards = new();    // of the thread that steps in order

    /// <summary>Worker <paramref name="worker"/> reads <paramref name="input"/>.</summary>
    public void Reads(int worker, Batch<Upsert<TKey, TRow>> input) => _inputs[worker] = input;

    /// <summary>Worker <paramref name="worker"/> takes in with <paramref name="applying"/>.</summary>
    public void TakesIn(int worker, ApplyUpserts<TKey, TRow> applying) => _operators[worker] = applying;

    /// <inheritdoc/>
    public override void StepInOrder()
    {
        foreach (var input in _inputs)
        {
            foreach (ref readonly var change in input.Rows)
            {
                if (change.IsOfAllKeys)
                    foreach (var each in _operators) each.Apply(in change, each);
                else
                    OwnerOf(change.Key).Apply(in change, change.Patch is { } patch ? OwnerOf(patch.From) : null);
            }
        }
    }

    private ApplyUpserts<TKey, TRow> OwnerOf(in TKey key) => _operators[ShardRange.OwnerOf(_shards.Of(in key), _operators.Length)];
}

/// <summary>By key; what concerns the whole table goes to all.</summary>
internal sealed class UpsertPartitioner<TKey, TRow> : Partitioner<Upsert<TKey, TRow>>
    where TKey : notnull
{
    private readonly KeyShards<TKey> _shards = new();

    public override bool Partition(Batch<Upsert<TKey, TRow>> input, Batch<Upsert<TKey, TRow>>[] parts)
    {
        foreach (ref readonly var change in input.Rows)
        {
            if (change.IsOfAllKeys)
            {
                foreach (var part in parts) part.Add(in change);
                continue;
            }

            var owner = OwnerOf(change.Key, parts.Length);
            if (change.Patch is { } patch && !EqualityComparer<TKey>.Default.Equals(patch.From, change.Key) && OwnerOf(patch.From, parts.Length) != owner) return false;
            parts[owner].Add(in change);
        }

        return true;
    }

    private int OwnerOf(in TKey key, int workers) => ShardRange.OwnerOf(_shards.Of(in key), workers);
}
