using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Tables in an order. Rows with an equal order are ordered member by member; strings by code point.</summary>
public static class Orders
{
    /// <summary>Each row with the rows before and behind it in its group, the default value (null for a record) where there is none: <c>prices.Neighbours(p => p.Stock, p => p.Time, (before, p, after) => …)</c>.</summary>
    /// <remarks>State: the rows, by group. A change gives at most three rows anew.</remarks>
    public static Table<TOut> Neighbours<TRow, TGroup, TOrder, TOut>(
        this ITable<TRow> table, Func<TRow, TGroup> group, Func<TRow, TOrder> order, Func<TRow?, TRow, TRow?, TOut> result,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(order))] string? orderText = null, [CallerArgumentExpression(nameof(result))] string? text = null)
        where TGroup : notnull =>
        Neighbours("Neighbours", table.Rows(), group, order, (in TRow row, in Neighbour<TRow> before, in Neighbour<TRow> after) => result(before.Row, row, after.Row), $"by {groupText} in the order of {orderText}: {text}");

    /// <summary>Each row beside the one before it in its group, the default value (null for a record) for the first: differences, gaps, what changed.</summary>
    /// <inheritdoc cref="Neighbours{TRow, TGroup, TOrder, TOut}(ITable{TRow}, Func{TRow, TGroup}, Func{TRow, TOrder}, Func{TRow, TRow, TRow, TOut}, string, string, string)" path="/remarks"/>
    public static Table<TOut> Diff<TRow, TGroup, TOrder, TOut>(
        this ITable<TRow> table, Func<TRow, TGroup> group, Func<TRow, TOrder> order, Func<TRow?, TRow, TOut> result,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(order))] string? orderText = null, [CallerArgumentExpression(nameof(result))] string? text = null)
        where TGroup : notnull =>
        Neighbours("Diff", table.Rows(), group, order, (in TRow row, in Neighbour<TRow> before, in Neighbour<TRow> after) => result(before.Row, row), $"by {groupText} in the order of {orderText}: {text}");

    /// <summary>The <paramref name="count"/> rows of each group whose <paramref name="order"/> is the greatest.</summary>
    /// <remarks>State: the rows, by group; of up to 64 over rows that only ever come, those alone.</remarks>
    public static Table<TRow> Top<TRow, TGroup, TOrder>(
        this ITable<TRow> table, int count, Func<TRow, TGroup> group, Func<TRow, TOrder> order,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(order))] string? orderText = null)
        where TGroup : notnull => table.Top(count, group, order, static (row, _) => row, groupText, orderText, "");

    /// <summary>The <paramref name="count"/> rows of each group whose <paramref name="order"/> is the greatest, with their number in it, from 1.</summary>
    /// <inheritdoc cref="Top{TRow, TGroup, TOrder}" path="/remarks"/>
    public static Table<TOut> Top<TRow, TGroup, TOrder, TOut>(
        this ITable<TRow> table, int count, Func<TRow, TGroup> group, Func<TRow, TOrder> order, Func<TRow, int, TOut> result,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(order))] string? orderText = null, [CallerArgumentExpression(nameof(result))] string? text = null)
        where TGroup : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var from = table.Rows().Node;
        if (from.OnlyGrows && count <= GrowingTop<TRow, TGroup, TOrder, TOut>.RowsMax)
        {
            return table.Rows().Then("Top", $"greatest of {Describe<TRow>()} by {Describe<TGroup>()}, {Describe<TOrder>()} → {Describe<TOut>()}", $"{count} by {groupText} in the order of {orderText}: {text}", [""], [from], c =>
                new GrowingTop<TRow, TGroup, TOrder, TOut>(c.BatchBy(from, group), group, order, count, result, c.States.Keyed<TGroup, ValueList<(TOrder, TRow)>>(c.IdOf())), tellsContents: true);
        }

        return table.Rows().Then("Top", $"{Describe<TRow>()} by {Describe<TGroup>()}, {Describe<TOrder>()} → {Describe<TOut>()}", $"{count} by {groupText} in the order of {orderText}: {text}", [""], [from], c =>
            new Top<TRow, TGroup, TOrder, TOut>(c.BatchBy(from, group), group, order, count, result, c.States.Ordered<TGroup, (TOrder, TRow)>(c.IdOf())), tellsContents: true);
    }

    /// <summary>Each row with a value on the line between the nearest rows of its group that have one, by <paramref name="at"/>; before the first and behind the last of those, theirs; null where there is none at all.</summary>
    /// <remarks>State: the rows, by group. A row with a value gives the rows between its neighbours with a value anew.</remarks>
    /// <param name="table">The rows.</param>
    /// <param name="group">The group of a row.</param>
    /// <param name="at">Where it stands, such as its time.</param>
    /// <param name="value">Its own value; null for none.</param>
    /// <param name="result">The row that comes out, from a row and its value.</param>
    /// <param name="groupText">The text of <paramref name="group"/>, for the plan.</param>
    /// <param name="atText">That of <paramref name="at"/>.</param>
    /// <param name="valueText">That of <paramref name="value"/>.</param>
    /// <param name="text">That of <paramref name="result"/>.</param>
    public static Table<TOut> Interpolate<TRow, TGroup, TOut>(
        this ITable<TRow> table, Func<TRow, TGroup> group, Func<TRow, double> at, Func<TRow, double?> value, Func<TRow, double?, TOut> result,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(at))] string? atText = null,
        [CallerArgumentExpression(nameof(value))] string? valueText = null, [CallerArgumentExpression(nameof(result))] string? text = null)
        where TGroup : notnull
    {
        var from = table.Rows().Node;
        return table.Rows().Then(
            "Interpolate", $"{Describe<TRow>()} by {Describe<TGroup>()} → {Describe<TOut>()}", $"{valueText} by {groupText} at {atText}: {text}", ["rows", "known"], [from],
            c => new Interpolate<TRow, TGroup, TOut>(
                c.BatchBy(from, group), group, at, value, result, c.States.Ordered<TGroup, (double, TRow)>(c.IdOf("rows")), c.States.Ordered<TGroup, (double, TRow)>(c.IdOf("known"))), tellsContents: true);
    }

    /// <summary>Per group the row that was accepted last: the first one, then each that <paramref name="accept"/> (new row, row accepted last) is true for, in the order in which they come.</summary>
    /// <remarks>State: one row for each group. Rows that go change nothing: what was accepted stays.</remarks>
    public static Table<TGroup, TRow> Deduplicate<TRow, TGroup>(
        this ITable<TRow> table, Func<TRow, TGroup> group, Func<TRow, TRow, bool> accept,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(accept))] string? text = null)
        where TGroup : notnull
    {
        var from = table.Rows().Node;
        var node = new Node<Keyed<TGroup, TRow>>("Deduplicate", $"{Describe<TGroup>()} → {Describe<TRow>()}", $"by {groupText}: {text}", [""], [from], c =>
            new Deduplicate<TRow, TGroup>(c.BatchBy(from, group), group, accept, c.States.Keyed<TGroup, TRow>(c.IdOf()))) { StandsByKey = true, TellsContents = true, NotFromTable = Arrivals.Order };
        return new Table<TGroup, TRow>(table.Rows().Pipeline, node);
    }

    private static Table<TOut> Neighbours<TRow, TGroup, TOrder, TOut>(string kind, Table<TRow> table, Func<TRow, TGroup> group, Func<TRow, TOrder> order, NeighbourResult<TRow, TOut> result, string text)
        where TGroup : notnull
    {
        var from = table.Node;
        return table.Then(kind, $"{Describe<TRow>()} by {Describe<TGroup>()}, {Describe<TOrder>()} → {Describe<TOut>()}", text, [""], [from], c =>
            new Neighbours<TRow, TGroup, TOrder, TOut>(c.BatchBy(from, group), group, order, result, c.States.Ordered<TGroup, (TOrder, TRow)>(c.IdOf())), tellsContents: true);
    }

    private static string Describe<T>() => RowSchema.Of(typeof(T)).ToString();
}
