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
    KeyedState<TKey, ValueList<RoundSum>> sums, Arrangement<TKey, (int Round, TOut Row)> given) : LoopGrouping<TKey, TOut>(given)
    where TKey : notnull
{
    private readonly Dictionary<TKey, (long Count, long Sum)> _added = [];

    private protected override void Take()
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
            Add(in group, new RoundSum(Round, added.Count, added.Sum));
            LookAt(group, Round);
        }

        _added.Clear();
    }

    private protected override bool TryCompute(TKey group, out TOut row)
    {
        var (count, sum) = (0L, 0L);
        if (sums.TryGet(in group, out var rounds))
            foreach (ref readonly var added in rounds.Span)
            {
                if (added.Round > Round) LookAt(group, added.Round);
                else (count, sum) = checked((count + added.Count, sum + added.Sum));
            }

        var has = count > 0;
        row = has ? result(group, count, sum) : default!;
        return has;
    }

    private void Add(in TKey group, in RoundSum added)
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
}
