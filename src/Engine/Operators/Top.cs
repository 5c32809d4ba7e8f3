using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>The greatest rows of each group, as many as asked for.</summary>
/// <remarks>State: the rows of each group, in order. What stood at the top before the epoch is kept aside when the epoch first touches a group.</remarks>
/// <param name="input">The rows.</param>
/// <param name="group">The group of a row.</param>
/// <param name="order">What rows are ordered by; of rows with an equal one the greater row, member by member, comes first.</param>
/// <param name="count">How many rows, equal ones counted each.</param>
/// <param name="result">The row that comes out, from a row and its number from 1.</param>
/// <param name="state">The rows by group.</param>
public sealed class Top<TRow, TGroup, TOrder, TOut>(
    Batch<TRow> input, Func<TRow, TGroup> group, Func<TRow, TOrder> order, int count, Func<TRow, int, TOut> result, OrderedState<TGroup, (TOrder By, TRow Row)> state) : Operator<TOut>
    where TGroup : notnull
{
    private readonly Dictionary<TGroup, (int From, int Count)> _touched = [];
    private readonly List<TRow> _before = [];
    private readonly List<TRow> _now = [];

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        var top = new List<TRow>();
        foreach (var (_, rows) in state.Stored())
        {
            top.Clear();
            Take(rows, top);
            for (var rank = 0; rank < top.Count; rank++)
                if (Errors.Try(result, top[rank], rank + 1, 1, out var row)) yield return new(row, 1);
        }
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (!Errors.Try(group, in rows[i], weight, out var key) || !Errors.Try(order, in rows[i], weight, out var by)) continue;
            if (!_touched.ContainsKey(key))
            {
                var from = _before.Count;
                Take(state.Rows(in key), _before);
                _touched.Add(key, (from, _before.Count - from));
            }

            state.Add(in key, (by, rows[i]), weight);
        }

        foreach (var (key, (from, length)) in _touched)
        {
            _now.Clear();
            Take(state.Rows(in key), _now);
            for (var rank = 0; rank < Math.Max(length, _now.Count); rank++)
            {
                if (rank < length && rank < _now.Count && EqualityComparer<TRow>.Default.Equals(_before[from + rank], _now[rank])) continue;
                if (rank < length) Give(_before[from + rank], rank + 1, -1);
                if (rank < _now.Count) Give(_now[rank], rank + 1, 1);
            }
        }

        _touched.Clear();
        _before.Clear();
    }

    private void Give(TRow row, int number, long weight)
    {
        try
        {
            Output.Add(result(row, number), weight);
        }
        catch (Exception e) when (Takes(e))
        {
            Errors!.Add(in row, weight, e);
        }
    }

    private void Take(SortedRows<(TOrder By, TRow Row)> rows, List<TRow> into)
    {
        var left = count;
        for (var run = rows.Runs - 1; run >= 0 && left > 0; run--)
        {
            var part = rows.RowsOf(run);
            for (var at = part.Length - 1; at >= 0 && left > 0; at--)
                for (var times = part[at].Weight; times > 0 && left > 0; times--, left--) into.Add(part[at].Row.Row);
        }
    }
}
