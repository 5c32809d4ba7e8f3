using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Inside of a loop, each row gives a value to the groups of the rows from outside that match it, such as a node along its edges; of a group only count and sum are handed on, in one part for a round.</summary>
/// <remarks>
/// No pair is made: rows that go and come under one key in a round, as the old row and the new one of a node, are put together before they meet the rows that match them.
/// State: an arrangement of the right side, and for each key the list of the left rows with their rounds, ascending, which is read and written as one: it is meant for keys that few rows of the loop have at once.
/// </remarks>
/// <param name="left">The rows of the loop.</param>
/// <param name="right">The rows from outside.</param>
/// <param name="leftKey">The key of a left row.</param>
/// <param name="rightKey">The key of a right row.</param>
/// <param name="group">The group of a right row.</param>
/// <param name="value">What a left row adds to the sum of each right row that matches it, from the row and the number of those.</param>
/// <param name="leftRows">State of the left side.</param>
/// <param name="rightRows">State of the right side.</param>
public sealed class LoopJoinSum<TLeft, TRight, TKey, TGroup>(
    Batch<TLeft> left, Batch<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TRight, TGroup> group, Func<TLeft, long, long> value,
    KeyedState<TKey, ValueList<RoundRow<TLeft>>> leftRows, Arrangement<TKey, TRight> rightRows) : LoopOperator<SumPart<TGroup>>
    where TKey : notnull
    where TGroup : notnull
{
    private readonly RoundSums<TGroup> _sums = new();    // what is to be given out
    private readonly List<Delta<TLeft>> _run = [];    // changes of the left side under one key
    private readonly List<RoundRow<TLeft>> _kept = [];    // of a key in the round at hand
    private readonly Dictionary<TKey, List<Delta<TRight>>> _changes = [];    // of the right side

    private protected override int? NextRound => _sums.NextAfter(Round);

    /// <inheritdoc/>
    public override void Step()
    {
        TakeLeft();
        if (right.Count > 0) TakeRight();
        _sums.Take(Round, Output);
    }

    private protected override void DropLater() => _sums.Clear();

    private void TakeLeft()
    {
        var rows = left.Rows;
        var runKey = default(TKey)!;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = left.WeightAt(i);
            if (!Errors.Try(leftKey, in rows[i], weight, out var key) || NullMembers<TKey>.AnyIn(in key)) continue;
            if (_run.Count > 0 && !EqualityComparer<TKey>.Default.Equals(key, runKey)) MeetRight(in runKey);
            runKey = key;
            _run.Add(new Delta<TLeft>(rows[i], weight));
        }

        if (_run.Count > 0) MeetRight(in runKey);
    }

    private void MeetRight(in TKey key)
    {
        var matches = rightRows.Rows(in key);
        var number = NumberOf(matches);
        var gives = default(CountSum);
        foreach (ref readonly var change in CollectionsMarshal.AsSpan(_run)) gives += ValueOf(change.Row, number, change.Weight);
        Give(Round, gives, matches);
        Remember(in key, CollectionsMarshal.AsSpan(_run));
        _run.Clear();
    }

    private void Remember(in TKey key, ReadOnlySpan<Delta<TLeft>> changes)
    {
        ref var list = ref leftRows.GetOrAdd(in key, out var existed);
        var rows = existed ? list.Span : [];
        var from = 0;
        while (from < rows.Length && rows[from].Round < Round) from++;
        var until = from;
        while (until < rows.Length && rows[until].Round == Round) until++;
        _kept.Clear();
        _kept.AddRange(rows[from..until]);
        foreach (ref readonly var change in changes) Keep(change);
        var kept = CollectionsMarshal.AsSpan(_kept);
        if (kept.Length + from + rows.Length - until == 0) leftRows.Remove(in key);
        // In place where it can be: nobody but the state has the list.
        else if (kept.Length == until - from) kept.CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(rows[from..]), kept.Length));
        else list = [.. rows[..from], .. kept, .. rows[until..]];
    }

    private void Keep(in Delta<TLeft> change)
    {
        for (var i = 0; i < _kept.Count; i++)
        {
            if (!EqualityComparer<TLeft>.Default.Equals(_kept[i].Row, change.Row)) continue;
            var weight = checked(_kept[i].Weight + change.Weight);
            if (weight == 0) _kept.RemoveAt(i);
            else _kept[i] = _kept[i] with { Weight = weight };
            return;
        }

        if (change.Weight != 0) _kept.Add(new RoundRow<TLeft>(Round, change.Row, change.Weight));
    }

    private void TakeRight()
    {
        var rows = right.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = right.WeightAt(i);
            if (!Errors.Try(rightKey, in rows[i], weight, out var key) || NullMembers<TKey>.AnyIn(in key) || !Errors.Try(group, in rows[i], weight, out var of)) continue;
            if (of is null) throw new BadDataException($"The row {rows[i]} has null as its group. Give such rows a group of their own, or leave them out with .Where(…).");
            ref var changes = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, key, out _);
            (changes ??= []).Add(new Delta<TRight>(rows[i], weight));
        }

        foreach (var (key, changes) in _changes) MeetLeft(in key, CollectionsMarshal.AsSpan(changes));
        Rooms.Clear(_changes);
    }

    // The number of right rows changes, and with it what each left row gives, also to right rows that don't change.
    private void MeetLeft(in TKey key, ReadOnlySpan<Delta<TRight>> changes)
    {
        var (before, now) = (NumberOf(rightRows.Rows(in key)), NumberOf(rightRows.Rows(in key)) + NumberOf(changes));
        var rows = leftRows.TryGet(in key, out var list) ? list.Span : [];
        for (var at = 0; at < rows.Length;)
        {
            var round = rows[at].Round;
            var (was, becomes) = (default(CountSum), default(CountSum));
            for (; at < rows.Length && rows[at].Round == round; at++)
            {
                was += ValueOf(rows[at].Row, before, -rows[at].Weight);
                becomes += ValueOf(rows[at].Row, now, rows[at].Weight);
            }

            Give(Math.Max(Round, round), becomes + was, rightRows.Rows(in key));
            Give(Math.Max(Round, round), becomes, changes);
        }

        foreach (ref readonly var change in changes) rightRows.Add(in key, change.Row, change.Weight);
    }

    private CountSum ValueOf(in TLeft row, long number, long weight) =>
        number > 0 && Errors.Try(value, in row, in number, weight, out var summed) ? new CountSum(1, summed) * weight : default;

    private void Give(int round, CountSum each, ReadOnlySpan<Delta<TRight>> rows)
    {
        if (each == default || rows.IsEmpty) return;
        var sums = _sums.Of(round);
        foreach (ref readonly var row in rows)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, group(row.Row), out _);
            sum += each * row.Weight;
        }
    }

    private static long NumberOf(ReadOnlySpan<Delta<TRight>> rows)
    {
        var number = 0L;
        foreach (ref readonly var row in rows) number += row.Weight;
        return number;
    }
}
