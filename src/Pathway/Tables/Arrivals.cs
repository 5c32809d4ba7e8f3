using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>What depends on the order in which rows come: that of their source, partition by partition.</summary>
public static class Arrivals
{
    /// <summary>Why what depends on it can't be made anew from a table.</summary>
    internal const string Order = "it depends on the order in which rows came, which a table doesn't have";

    /// <summary>A fold over all changes of a group, rows that come (positive count) and rows that go (negative): <c>orders.Scan(o => o.Customer, 0, (events, order, count) => events + 1)</c>.</summary>
    /// <remarks>
    /// State: a value for each group that ever was. A group shows its value while it has rows; one that comes back goes on from where it was. What comes and goes within one epoch is no change. A function that
    /// throws stops the pipeline: what was folded can't be taken back.
    /// </remarks>
    public static Table<TGroup, TValue> Scan<TRow, TGroup, TValue>(
        this ITable<TRow> table, Func<TRow, TGroup> group, TValue seed, Func<TValue, TRow, long, TValue> add,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(add))] string? text = null)
        where TGroup : notnull
    {
        var from = table.Rows().Node;
        var node = new Node<Keyed<TGroup, TValue>>("Scan", $"{Describe<TRow>()} by {Describe<TGroup>()} → {Describe<TValue>()}", $"by {groupText}: {text}", [""], [from], c =>
            new Scan<TRow, TGroup, TValue>(c.BatchBy(from, group), group, seed, add, c.States.Keyed<TGroup, (long, TValue)>(c.IdOf()))) { StandsByKey = true, TellsContents = true, NotFromTable = Order };
        return new Table<TGroup, TValue>(table.Rows().Pipeline, node);
    }

    /// <summary>Each row with its number in the order of arrival within its group, from 1. A number is given once: a row that goes leaves a gap.</summary>
    /// <remarks>State: the last number of each group, and the numbers of each row.</remarks>
    public static Table<TOut> Number<TRow, TGroup, TOut>(
        this ITable<TRow> table, Func<TRow, TGroup> group, Func<TRow, long, TOut> result,
        [CallerArgumentExpression(nameof(group))] string? groupText = null, [CallerArgumentExpression(nameof(result))] string? text = null)
        where TRow : notnull
        where TGroup : notnull
    {
        var from = table.Rows().Node;
        return table.Rows().Then("Number", $"{Describe<TRow>()} by {Describe<TGroup>()} → {Describe<TOut>()}", $"by {groupText}: {text}", ["last", "numbers"], [from], c =>
            new Number<TRow, TGroup, TOut>(c.BatchOnOne(from), group, result, c.StatesOnOne.Keyed<TGroup, long>(c.IdOf("last")), c.StatesOnOne.Arrange<TRow, long>(c.IdOf("numbers"))), tellsContents: true, notFromTable: Order);
    }

    private static string Describe<T>() => RowSchema.Of(typeof(T)).ToString();
}
