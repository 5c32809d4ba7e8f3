using System.Buffers;
using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>As <see cref="GroupBy{TRow, TKey, TAccumulator, TReducer, TOut}"/>, with reducers among its own that have to see values again when others go: minimum, percentile, lists.</summary>
/// <remarks>State: for each key the count of rows, the accumulators and the row that was last given out; and the values that reducers want to see, in order.</remarks>
/// <param name="input">The rows.</param>
/// <param name="key">The key of a row.</param>
/// <param name="reducer">The reducers with accumulators.</param>
/// <param name="values">The values that are kept.</param>
/// <param name="reducers">The reducers over those values.</param>
/// <param name="result">The row of a group.</param>
/// <param name="state">State by group.</param>
public sealed class GroupByOrdered<TRow, TKey, TAccumulator, TReducer, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, TReducer reducer, GroupValues<TRow, TKey>[] values, GroupReducer<TKey>[] reducers,
    Func<TKey, long, TAccumulator, GroupReducer<TKey>[], TOut> result, KeyedState<TKey, (long Rows, TAccumulator Values, bool HasRow, TOut Row)> state) : Operator<Keyed<TKey, TOut>>
    where TKey : notnull
    where TReducer : struct, IReducer<TRow, TAccumulator>
{
    private readonly HashSet<TKey> _touched = [];

    /// <inheritdoc/>
    public override void Step()
    {
        if (input.Count == 0) return;
        var rented = ArrayPool<TKey>.Shared.Rent(input.Count);
        var keys = rented.AsSpan(0, input.Count);
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            keys[i] = key(rows[i]) ?? throw new BadDataException("A row has null as the key of its group. Give such rows a key of their own, or leave them out with .Where(…).");
            _touched.Add(keys[i]);
            ref var group = ref state.GetOrAdd(in keys[i], out _);
            var weight = input.WeightAt(i);
            group.Rows += weight;
            reducer.Add(ref group.Values, in rows[i], weight);
        }

        foreach (var each in values) each.Add(rows, input.Weights, keys);
        ArrayPool<TKey>.Shared.Return(rented, RuntimeHelpers.IsReferenceOrContainsReferences<TKey>());
        foreach (var touched in _touched) Emit(touched);
        _touched.Clear();
    }

    private void Emit(TKey touched)
    {
        ref var group = ref state.GetOrAdd(in touched, out _);
        var has = group.Rows != 0;
        var row = has ? result(touched, group.Rows, group.Values, reducers) : default!;
        if (has && group.HasRow && EqualityComparer<TOut>.Default.Equals(group.Row, row)) return;
        if (group.HasRow) Output.Add(new Keyed<TKey, TOut>(touched, group.Row), -1);
        if (has) Output.Add(new Keyed<TKey, TOut>(touched, row));
        (group.HasRow, group.Row) = (has, row);
        if (!has) state.Remove(in touched);
    }
}
