using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Groups rows by key inside of a loop, and computes the row of a group from all of its rows.</summary>
/// <remarks>State: the rows of each key with their rounds, and the rows that came out with theirs.</remarks>
/// <param name="input">The rows.</param>
/// <param name="key">The key of a row.</param>
/// <param name="result">The row of a group with at least one row.</param>
/// <param name="rows">State of the input.</param>
/// <param name="given">State of the output.</param>
public sealed class LoopGroupBy<TRow, TKey, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, Func<TKey, IReadOnlyList<TRow>, TOut> result,
    Arrangement<TKey, (int Round, TRow Row)> rows, Arrangement<TKey, (int Round, TOut Row)> given) : LoopGrouping<TKey, TOut>(given)
    where TKey : notnull
{
    private readonly Dictionary<ValueTuple<TRow>, long> _weights = [];
    private readonly List<TRow> _present = [];

    private protected override void Take()
    {
        var changes = input.Rows;
        for (var i = 0; i < changes.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (!Errors.Try(key, in changes[i], weight, out var rowKey)) continue;
            if (rowKey is null) throw new BadDataException($"The row {changes[i]} has null as the key of its group. Give such rows a key of their own, or leave them out with .Where(…).");
            rows.Add(in rowKey, (Round, changes[i]), weight);
            LookAt(rowKey, Round);
        }
    }

    private protected override bool TryCompute(TKey group, out TOut row)
    {
        _weights.Clear();
        _present.Clear();
        foreach (ref readonly var kept in rows.Rows(in group))
        {
            if (kept.Row.Round > Round) LookAt(group, kept.Row.Round);
            else CollectionsMarshal.GetValueRefOrAddDefault(_weights, new(kept.Row.Row), out _) += kept.Weight;
        }

        foreach (var (present, weight) in _weights)
            for (var times = weight; times > 0; times--) _present.Add(present.Item1);
        var has = _present.Count > 0;
        row = has ? result(group, _present) : default!;
        return has;
    }
}
