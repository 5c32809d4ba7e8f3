using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Each row beside the rows before and behind it in the order of its group.</summary>
/// <remarks>
/// State: the rows of each group, in order. Equal rows stand at one place and have the same neighbours. Rows are taken in one by one; each gives what changes at its place and beside it, so that the output is
/// always that of the rows taken in so far.
/// </remarks>
/// <param name="input">The rows.</param>
/// <param name="group">The group of a row.</param>
/// <param name="order">What rows are ordered by; rows with an equal one are ordered member by member.</param>
/// <param name="result">The row that comes out, from a row and its neighbours.</param>
/// <param name="state">The rows by group.</param>
public sealed class Neighbours<TRow, TGroup, TOrder, TOut>(
    Batch<TRow> input, Func<TRow, TGroup> group, Func<TRow, TOrder> order, NeighbourResult<TRow, TOut> result, OrderedState<TGroup, (TOrder By, TRow Row)> state) : Operator<TOut>
    where TGroup : notnull
{
    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (_, rows) in state.Stored())
        {
            Delta<(TOrder By, TRow Row)>? before = null;
            for (Delta<(TOrder By, TRow Row)>? at = rows.First; at is { } row; at = After(rows, row.Row))
            {
                var after = After(rows, row.Row);
                TOut given;
                try
                {
                    given = ResultOf(row.Row, before, after);
                }
                catch (Exception e) when (Takes(e))
                {
                    before = row;
                    continue;
                }

                yield return new(given, row.Weight);
                before = row;
            }
        }
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (Errors.Try(order, in rows[i], weight, out var by) && Errors.Try(group, in rows[i], weight, out var key)) Take((by, rows[i]), key, weight);
        }
    }

    private void Take((TOrder By, TRow Row) row, TGroup key, long weight)
    {
        var rows = state.Rows(in key);
        var before = rows.WeightOf(in row);
        Place? previous = rows.TryBefore(in row, out var left) ? new(left, Before(rows, left.Row), default) : null;
        Place? next = rows.TryAfter(in row, out var right) ? new(right, default, After(rows, right.Row)) : null;
        state.Add(in key, in row, weight);
        Give(row, previous?.At, next?.At, weight);
        if (before != 0 == (before + weight != 0)) return;
        // The row came between its neighbours, or went from there.
        var sign = before == 0 ? 1 : -1;
        if (previous is { } p)
        {
            Give(p.At.Row, p.Left, next?.At, -sign * p.At.Weight);
            Give(p.At.Row, p.Left, new(row, 1), sign * p.At.Weight);
        }

        if (next is { } n)
        {
            Give(n.At.Row, previous?.At, n.Right, -sign * n.At.Weight);
            Give(n.At.Row, new(row, 1), n.Right, sign * n.At.Weight);
        }
    }

    private void Give(in (TOrder By, TRow Row) row, Delta<(TOrder By, TRow Row)>? previous, Delta<(TOrder By, TRow Row)>? next, long weight)
    {
        try
        {
            Output.Add(ResultOf(in row, previous, next), weight);
        }
        catch (Exception e) when (Takes(e))
        {
            Errors!.Add(row.Row, weight, e);
        }
    }

    private TOut ResultOf(in (TOrder By, TRow Row) row, Delta<(TOrder By, TRow Row)>? previous, Delta<(TOrder By, TRow Row)>? next) =>
        result(row.Row, previous is { } p ? new Neighbour<TRow>(true, p.Row.Row) : default, next is { } n ? new Neighbour<TRow>(true, n.Row.Row) : default);

    private static Delta<(TOrder By, TRow Row)>? Before(SortedRows<(TOrder By, TRow Row)> rows, in (TOrder By, TRow Row) row) => rows.TryBefore(in row, out var found) ? found : null;

    private static Delta<(TOrder By, TRow Row)>? After(SortedRows<(TOrder By, TRow Row)> rows, in (TOrder By, TRow Row) row) => rows.TryAfter(in row, out var found) ? found : null;

    private readonly record struct Place(Delta<(TOrder By, TRow Row)> At, Delta<(TOrder By, TRow Row)>? Left, Delta<(TOrder By, TRow Row)>? Right);
}

/// <summary>A row beside another one, if there is any.</summary>
/// <param name="Exists">Whether there is.</param>
/// <param name="Row">The row; the default value if there is none.</param>
public readonly record struct Neighbour<TRow>(bool Exists, TRow? Row);

/// <summary>What comes out for a row and its neighbours.</summary>
public delegate TOut NeighbourResult<TRow, TOut>(in TRow row, in Neighbour<TRow> previous, in Neighbour<TRow> next);
