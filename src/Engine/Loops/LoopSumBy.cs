using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What a round added to the count and sum of a group.</summary>
/// <param name="Round">The round.</param>
/// <param name="Count">Rows that it brought, less those it took.</param>
/// <param name="Sum">What they add to the sum.</param>
public readonly record struct RoundSum(int Round, long Count, long Sum);

/// <summary>As <see cref="LoopGroupBy{TRow, TKey, TOut}"/>, for what needs of a group no more than count and sum.</summary>
/// <remarks>State: what each round added to a group, ascending, and the rows that came out with their rounds.</remarks>
/// <param name="input">The rows.</param>
/// <param name="key">The key of a row.</param>
/// <param name="value">What is summed.</param>
/// <param name="result">The row of a group, from key, count and sum.</param>
/// <param name="sums">State of the input.</param>
/// <param name="given">State of the output.</param>
public sealed class LoopSumBy<TRow, TKey, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, Func<TRow, long> value, Func<TKey, long, long, TOut> result,
    KeyedState<TKey, ValueList<RoundSum>> sums, Arrangement<TKey, (int Round, TOut Row)> given) : LoopOperator<TOut>
    where TKey : notnull
{
    private readonly SortedDictionary<int, HashSet<TKey>> _due = [];    // keys to be looked at, by round
    private readonly Dictionary<TKey, (long Count, long Sum)> _added = [];
    private readonly Dictionary<ValueTuple<TOut>, long> _changes = [];

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
            if (!Errors.Try(key, in changes[i], weight, out var rowKey) || !Errors.Try(value, in changes[i], weight, out var summed)) continue;
            if (rowKey is null) throw new BadDataException($"The row {changes[i]} has null as the key of its group. Give such rows a key of their own, or leave them out with .Where(…).");
            ref var added = ref CollectionsMarshal.GetValueRefOrAddDefault(_added, rowKey, out _);
            added = checked((added.Count + weight, added.Sum + (summed * weight)));
        }

        foreach (var (group, added) in _added)
        {
            if (added is (0, 0)) continue;
            Take(in group, new RoundSum(Round, added.Count, added.Sum));
            Due(Round).Add(group);
        }

        _added.Clear();
        if (!_due.Remove(Round, out var keys)) return;
        foreach (var each in keys) Look(each);
    }

    private HashSet<TKey> Due(int round)
    {
        if (!_due.TryGetValue(round, out var keys)) _due.Add(round, keys = []);
        return keys;
    }

    private void Take(in TKey group, in RoundSum added)
    {
        ref var list = ref sums.GetOrAdd(in group, out var existed);
        var before = existed ? list.Span : [];
        var at = 0;
        while (at < before.Length && before[at].Round < added.Round) at++;
        var meets = at < before.Length && before[at].Round == added.Round;
        var sum = meets ? added with { Count = checked(before[at].Count + added.Count), Sum = checked(before[at].Sum + added.Sum) } : added;
        ReadOnlySpan<RoundSum> middle = sum is { Count: 0, Sum: 0 } ? [] : [sum];
        ReadOnlySpan<RoundSum> after = before[(meets ? at + 1 : at)..];
        if (at + middle.Length + after.Length == 0) sums.Remove(in group);
        else list = [.. before[..at], .. middle, .. after];
    }

    private void Look(TKey group)
    {
        _changes.Clear();
        var (count, sum) = (0L, 0L);
        if (sums.TryGet(in group, out var rounds))
            foreach (ref readonly var added in rounds.Span)
            {
                if (added.Round > Round) Due(added.Round).Add(group);
                else (count, sum) = checked((count + added.Count, sum + added.Sum));
            }

        if (count > 0) _changes[new(result(group, count, sum))] = 1;
        // As in LoopGroupBy: what has to come out in this round is what isn't there yet by the rounds up to it.
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
