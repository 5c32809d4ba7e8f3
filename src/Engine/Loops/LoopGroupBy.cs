using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Groups rows by key inside of a loop, and computes the row of a group from all of its rows.</summary>
/// <remarks>
/// State: the rows of each key with their rounds, and the rows that came out with theirs. A change of a key in some round is carried through the later rounds in which the key changes as well; in between the
/// output is what it was before.
/// </remarks>
/// <param name="input">The rows.</param>
/// <param name="key">The key of a row.</param>
/// <param name="result">The row of a group with at least one row.</param>
/// <param name="rows">State of the input.</param>
/// <param name="given">State of the output.</param>
public sealed class LoopGroupBy<TRow, TKey, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, Func<TKey, IReadOnlyList<TRow>, TOut> result,
    Arrangement<TKey, (int Round, TRow Row)> rows, Arrangement<TKey, (int Round, TOut Row)> given) : LoopOperator<TOut>
    where TKey : notnull
{
    private readonly SortedDictionary<int, HashSet<TKey>> _due = [];    // keys to be looked at, by round
    private readonly Dictionary<ValueTuple<TRow>, long> _weights = [];
    private readonly Dictionary<ValueTuple<TOut>, long> _changes = [];
    private readonly List<TRow> _present = [];

    private protected override int? NextRound
    {
        get
        {
            foreach (var (round, _) in _due) return base.NextRound <= round ? base.NextRound : round;
            return base.NextRound;
        }
    }

    private protected override void DropLater()
    {
        base.DropLater();
        _due.Clear();
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var changes = input.Rows;
        for (var i = 0; i < changes.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (!Errors.Try(key, in changes[i], weight, out var rowKey)) continue;
            if (rowKey is null) throw new BadDataException($"The row {changes[i]} has null as the key of its group. Give such rows a key of their own, or leave them out with .Where(…).");
            rows.Add(in rowKey, (Round, changes[i]), weight);
            Due(Round).Add(rowKey);
        }

        if (!_due.Remove(Round, out var keys)) return;
        foreach (var each in keys) Look(each);
    }

    private HashSet<TKey> Due(int round)
    {
        if (!_due.TryGetValue(round, out var keys)) _due.Add(round, keys = []);
        return keys;
    }

    private void Look(TKey group)
    {
        _weights.Clear();
        _changes.Clear();
        _present.Clear();
        foreach (ref readonly var row in rows.Rows(in group))
        {
            if (row.Row.Round > Round) Due(row.Row.Round).Add(group);
            else CollectionsMarshal.GetValueRefOrAddDefault(_weights, new(row.Row.Row), out _) += row.Weight;
        }

        foreach (var (row, weight) in _weights)
            for (var times = weight; times > 0; times--) _present.Add(row.Item1);
        if (_present.Count > 0) _changes[new(result(group, _present))] = 1;
        // What has to come out in this round is what isn't there yet by the rounds up to it.
        foreach (ref readonly var row in given.Rows(in group))
        {
            if (row.Row.Round > Round) Due(row.Row.Round).Add(group);
            else CollectionsMarshal.GetValueRefOrAddDefault(_changes, new(row.Row.Row), out _) -= row.Weight;
        }

        foreach (var (row, weight) in _changes)
        {
            if (weight == 0) continue;
            given.Add(in group, (Round, row.Item1), weight);
            Output.Add(row.Item1, weight);
        }
    }
}
