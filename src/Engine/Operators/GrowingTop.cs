using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>As <see cref="Top{TRow, TGroup, TOrder, TOut}"/>, over rows that only ever come: a row that isn't among the greatest now never will be, and isn't kept.</summary>
/// <remarks>State: the greatest rows of each group, the greatest first.</remarks>
/// <param name="input">The rows.</param>
/// <param name="group">The group of a row.</param>
/// <param name="order">What rows are ordered by; of rows with an equal one the greater row, member by member, comes first.</param>
/// <param name="count">How many rows, equal ones counted each.</param>
/// <param name="result">The row that comes out, from a row and its number from 1.</param>
/// <param name="state">The greatest rows by group.</param>
public sealed class GrowingTop<TRow, TGroup, TOrder, TOut>(
    Batch<TRow> input, Func<TRow, TGroup> group, Func<TRow, TOrder> order, int count, Func<TRow, int, TOut> result, KeyedState<TGroup, ValueList<(TOrder By, TRow Row)>> state) : Operator<TOut>
    where TGroup : notnull
{
    /// <summary>Beyond so many rows of a group, inserting one by copying costs more than keeping all in order.</summary>
    public const int RowsMax = 64;

    private readonly IComparer<TOrder> _order = RowOrder.Of<TOrder>();
    private readonly IComparer<TRow> _rowOrder = RowOrder.Of<TRow>();
    private readonly Dictionary<TGroup, ValueList<(TOrder By, TRow Row)>?> _before = [];
    private readonly List<(TOrder By, TRow Row)> _scratch = [];

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (_, top) in state.Stored())
            for (var rank = 0; rank < top.Count; rank++) yield return new(result(top[rank].Row, rank + 1), 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            Check.That(input.WeightAt(i) > 0);
            var (key, by) = (group(rows[i]), order(rows[i]));
            state.TryGet(in key, out var top);
            if (top is not null && top.Count == count && IsBehind(by, rows[i], top[count - 1])) continue;
            _before.TryAdd(key, top);
            state.Set(in key, With(top, by, rows[i], input.WeightAt(i)));
        }

        foreach (var (key, before) in _before)
        {
            state.TryGet(in key, out var now);
            Emit(before is null ? [] : before.Span, now.Span);
        }

        _before.Clear();
    }

    private ValueList<(TOrder By, TRow Row)> With(ValueList<(TOrder By, TRow Row)>? top, TOrder by, in TRow row, long weight)
    {
        _scratch.Clear();
        if (top is not null) _scratch.AddRange(top.Span);
        var at = _scratch.Count;
        while (at > 0 && !IsBehind(by, row, _scratch[at - 1])) at--;
        for (var times = Math.Min(weight, count); times > 0; times--) _scratch.Insert(at, (by, row));
        return ValueList.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_scratch)[..Math.Min(count, _scratch.Count)]);
    }

    private bool IsBehind(TOrder by, in TRow row, in (TOrder By, TRow Row) other) => _order.Compare(by, other.By) switch
    {
        0 => _rowOrder.Compare(row, other.Row) <= 0,
        var found => found < 0,
    };

    private void Emit(ReadOnlySpan<(TOrder By, TRow Row)> before, ReadOnlySpan<(TOrder By, TRow Row)> now)
    {
        for (var rank = 0; rank < now.Length; rank++)
        {
            if (rank < before.Length && EqualityComparer<TRow>.Default.Equals(before[rank].Row, now[rank].Row)) continue;
            if (rank < before.Length) Output.Add(result(before[rank].Row, rank + 1), -1);
            Output.Add(result(now[rank].Row, rank + 1));
        }
    }
}
