using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Each row with a value on the line between the nearest rows of its group that have one; before the first and behind the last of those, theirs.</summary>
/// <remarks>
/// State: the rows of each group in order, and once more those that have a value. Rows are taken in one by one; one with a value gives those between its neighbours with a value anew. Of rows with an equal order the
/// order is member by member.
/// </remarks>
/// <param name="input">The rows.</param>
/// <param name="group">The group of a row.</param>
/// <param name="order">What rows are ordered by.</param>
/// <param name="value">The value of a row; null for none, and not-a-number as well.</param>
/// <param name="result">The row that comes out, from a row and its value.</param>
/// <param name="rows">The rows by group.</param>
/// <param name="known">The rows with a value by group.</param>
public sealed class Interpolate<TRow, TGroup, TOut>(
    Batch<TRow> input, Func<TRow, TGroup> group, Func<TRow, double> order, Func<TRow, double?> value, Func<TRow, double?, TOut> result,
    OrderedState<TGroup, (double By, TRow Row)> rows, OrderedState<TGroup, (double By, TRow Row)> known) : Operator<TOut>
    where TGroup : notnull
{
    private readonly List<Delta<(double By, TRow Row)>> _between = [];

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (key, group) in rows.Stored())
            for (var run = 0; run < group.Runs; run++)
                foreach (var row in group.RowsOf(run).ToArray())
                    if (Errors.Try(result, row.Row.Row, Known(value(row.Row.Row)) ?? Line(in key, row.Row), 1, out var given)) yield return new(given, row.Weight);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var changes = input.Rows;
        for (var i = 0; i < changes.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (Errors.Try(group, in changes[i], weight, out var key) && Errors.Try(order, in changes[i], weight, out var by) && Errors.Try(value, in changes[i], weight, out var own))
                Take(in key, (by, changes[i]), Known(own), weight);
        }
    }

    private void Take(in TGroup key, (double By, TRow Row) row, double? own, long weight)
    {
        if (own is null)
        {
            rows.Add(in key, in row, weight);
            Give(row.Row, Line(in key, in row), weight);
            return;
        }

        var before = known.Rows(in key).WeightOf(in row);
        var changes = before != 0 != (before + weight != 0);
        if (changes) FindBetween(in key, in row);
        foreach (var each in _between) Give(each.Row.Row, Line(in key, each.Row), -each.Weight);
        rows.Add(in key, in row, weight);
        known.Add(in key, in row, weight);
        Give(row.Row, own, weight);
        foreach (var each in _between) Give(each.Row.Row, Line(in key, each.Row), each.Weight);
        _between.Clear();
    }

    /// <summary>The rows without a value that have the row as their nearest one with a value, on either side.</summary>
    private void FindBetween(in TGroup key, in (double By, TRow Row) row)
    {
        var all = rows.Rows(in key);
        for (var at = row; all.TryBefore(in at, out var found) && Known(value(found.Row.Row)) is null; at = found.Row) _between.Add(found);
        for (var at = row; all.TryAfter(in at, out var found) && Known(value(found.Row.Row)) is null; at = found.Row) _between.Add(found);
    }

    private double? Line(in TGroup key, in (double By, TRow Row) row)
    {
        var ordered = known.Rows(in key);
        var hasBefore = ordered.TryBefore(in row, out var before);
        var hasAfter = ordered.TryAfter(in row, out var after);
        if (!hasBefore && !hasAfter) return null;
        if (!hasBefore) return value(after.Row.Row);
        if (!hasAfter) return value(before.Row.Row);
        var (from, to) = (value(before.Row.Row)!.Value, value(after.Row.Row)!.Value);
        var distance = after.Row.By - before.Row.By;
        return distance == 0 ? from : from + ((to - from) * ((row.By - before.Row.By) / distance));
    }

    private void Give(in TRow row, double? at, long weight)
    {
        if (Errors.Try(result, in row, in at, weight, out var given)) Output.Add(in given, weight);
    }

    private static double? Known(double? value) => value is { } number && !double.IsNaN(number) ? number : null;
}
