using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>As <see cref="LoopGroupBy{TRow, TKey, TOut}"/>, for what needs of a group no more than count and sum.</summary>
/// <remarks>
/// State: what each round added to a group, ascending. What came out before needs no state: it follows from what the sums were without the changes of this epoch. A group is looked at in each round in which it
/// changes, now or in an earlier epoch, for as long as its sums aren't what they were.
/// </remarks>
/// <param name="input">The rows.</param>
/// <param name="key">The key of a row.</param>
/// <param name="adds">What a row adds to count and sum.</param>
/// <param name="result">The row of a group, from key, count and sum.</param>
/// <param name="sums">State.</param>
public sealed class LoopSumBy<TRow, TKey, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, Func<TRow, (long Count, long Sum)> adds, Func<TKey, long, long, TOut> result, KeyedState<TKey, ValueList<RoundSum>> sums) : LoopOperator<TOut>
    where TKey : notnull
{
    private const int BlockLength = 64;

    /// <summary>Room for so many touched groups is kept between epochs.</summary>
    private const int KeptLength = 1 << 16;

    private readonly SortedDictionary<int, List<int>> _due = [];    // groups to be looked at, by round
    private readonly List<int> _now = [];    // groups to be looked at in the round at hand
    private readonly (TOut Row, int Weight)[] _rows = new (TOut, int)[4];
    private readonly TKey[] _keys = new TKey[BlockLength];
    private readonly CountSum[] _added = new CountSum[BlockLength];
    private Touched[] _touched = new Touched[16];    // the groups that this epoch has touched
    private int _count;
    private int[] _placeOf = [];    // the place in _touched of an entry of the state, plus one

    private protected override int? NextRound
    {
        get
        {
            foreach (var (round, _) in _due) return round;
            return null;
        }
    }

    /// <inheritdoc/>
    public override void Step()
    {
        Take();
        if (_due.Remove(Round, out var due))
            foreach (var place in due) LookNow(place);
        foreach (var place in _now) Look(place);
        _now.Clear();
    }

    private protected override void DropLater()
    {
        _due.Clear();
        foreach (ref readonly var group in _touched.AsSpan(0, _count))
        {
            _placeOf[group.Slot] = 0;
            // Not before: the entries stay where they are for as long as none goes.
            if (sums.ValueAt(group.Slot) is null or { Count: 0 }) sums.RemoveAt(group.Slot);
        }

        _count = 0;
        if (_touched.Length > KeptLength) _touched = new Touched[16];
    }

    private void Take()
    {
        for (var from = 0; from < input.Count;)
        {
            var count = 0;
            for (; from < input.Count && count < BlockLength; from++)
            {
                ref readonly var row = ref input.Rows[from];
                var weight = input.WeightAt(from);
                if (!Errors.Try(key, in row, weight, out _keys[count]) || !Errors.Try(adds, in row, weight, out var added)) continue;
                if (_keys[count] is null) throw new BadDataException($"The row {row} has null as the key of its group. Give such rows a key of their own, or leave them out with .Where(…).");
                _added[count++] = new CountSum(added.Count, added.Sum) * weight;
            }

            Take(_keys.AsSpan(0, count));
        }
    }

    private void Take(ReadOnlySpan<TKey> keys)
    {
        Span<SlotPlace> places = stackalloc SlotPlace[BlockLength];
        sums.Seek(keys, places);
        for (var i = 0; i < keys.Length; i++)
        {
            var place = PlaceOf(sums.SlotOf(in keys[i], places[i]));
            _touched[place].Added += _added[i];
            LookNow(place);
        }
    }

    private int PlaceOf(int slot)
    {
        if (slot >= _placeOf.Length) Array.Resize(ref _placeOf, Math.Max(slot + 1, 2 * _placeOf.Length));
        ref var place = ref _placeOf[slot];
        if (place != 0) return place - 1;
        if (_count == _touched.Length) Array.Resize(ref _touched, _count * 2);
        _touched[_count] = new Touched { Slot = slot, Round = -1 };
        place = ++_count;
        return _count - 1;
    }

    private void LookNow(int place)
    {
        ref var group = ref _touched[place];
        if (group.Round == Round) return;
        group.Round = Round;
        _now.Add(place);
    }

    private void LookAt(int place, int round)
    {
        if (!_due.TryGetValue(round, out var places)) _due.Add(round, places = []);
        places.Add(place);
    }

    private void Look(int place)
    {
        ref var group = ref _touched[place];
        ref readonly var of = ref sums.KeyAt(group.Slot);
        var rounds = sums.ValueAt(group.Slot) is { } list ? list.Span : [];
        var before = default(CountSum);
        var at = 0;
        for (; at < rounds.Length && rounds[at].Round < Round; at++) before += new CountSum(rounds[at].Count, rounds[at].Sum);
        var meets = at < rounds.Length && rounds[at].Round == Round;
        var known = meets ? new CountSum(rounds[at].Count, rounds[at].Sum) : default;
        var was = before - group.Changed;    // by the rounds before, without what this epoch changed in them
        var added = group.Added;
        Give(in of, was, was + known, before, before + known + added);
        var next = at + (meets ? 1 : 0);
        (group.Changed, group.Added) = (group.Changed + added, default);
        if (group.Changed != default && next < rounds.Length) LookAt(place, rounds[next].Round);
        if (added != default) Keep(group.Slot, rounds, at, known + added);
    }

    /// <summary>What a group gives in the round at hand: the step from what it is by the rounds before to what it is, less the step that it made before this epoch.</summary>
    private void Give(in TKey group, CountSum wasBefore, CountSum was, CountSum isBefore, CountSum now)
    {
        if ((wasBefore == isBefore && was == now) || (wasBefore == was && isBefore == now)) return;
        var count = 0;
        AddRow(in group, now, 1, ref count);
        AddRow(in group, isBefore, -1, ref count);
        AddRow(in group, was, -1, ref count);
        AddRow(in group, wasBefore, 1, ref count);
        for (var i = 0; i < count; i++) Output.Add(in _rows[i].Row, _rows[i].Weight);
    }

    private void AddRow(in TKey group, CountSum of, int weight, ref int count)
    {
        if (of.Count <= 0) return;
        var row = result(group, of.Count, of.Sum);
        for (var i = 0; i < count; i++)
        {
            if (!EqualityComparer<TOut>.Default.Equals(_rows[i].Row, row)) continue;
            _rows[i].Weight += weight;
            return;
        }

        _rows[count++] = (row, weight);
    }

    /// <summary>From now on <paramref name="sum"/> is what the round at hand adds, whose place in <paramref name="rounds"/> is <paramref name="at"/>.</summary>
    private void Keep(int slot, ReadOnlySpan<RoundSum> rounds, int at, CountSum sum)
    {
        sums.Changed(slot);
        var meets = at < rounds.Length && rounds[at].Round == Round;
        var kept = new RoundSum(Round, sum.Count, sum.Sum);
        // In place where it can be: nobody but the state has the list.
        if (meets && sum != default) Unsafe.AsRef(in rounds[at]) = kept;
        else if (sum == default) sums.ValueAt(slot) = [.. rounds[..at], .. rounds[(at + 1)..]];
        else sums.ValueAt(slot) = [.. rounds[..at], kept, .. rounds[at..]];
    }

    /// <summary>A group that this epoch has touched.</summary>
    private struct Touched
    {
        public int Slot;    // of its entry in the state
        public int Round;    // in which it was last looked at
        public CountSum Changed;    // what the rounds before have added in this epoch
        public CountSum Added;    // what came in the round at hand
    }
}
