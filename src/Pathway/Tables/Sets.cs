using System.Runtime.CompilerServices;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Tables as sets and multisets of rows.</summary>
public static class Sets
{
    /// <summary>Each row becomes any number of rows.</summary>
    public static Table<TOut> SelectMany<TRow, TOut>(this ITable<TRow> table, Func<TRow, IEnumerable<TOut>> selector, [CallerArgumentExpression(nameof(selector))] string? text = null)
    {
        var from = table.Rows().Node;
        return table.Rows().Then("SelectMany", $"{Describe<TRow>()} → {Describe<TOut>()}", text ?? "", [], [from], c => new SelectMany<TRow, TOut>(c.BatchOf(from), selector), from.OnlyGrows);
    }

    /// <summary>Each row becomes any number of rows, made of it and of each of its elements.</summary>
    public static Table<TOut> SelectMany<TRow, TElement, TOut>(
        this ITable<TRow> table, Func<TRow, IEnumerable<TElement>> elements, Func<TRow, TElement, TOut> result,
        [CallerArgumentExpression(nameof(elements))] string? text = null, [CallerArgumentExpression(nameof(result))] string? resultText = null) =>
        table.SelectMany(row => elements(row).Select(element => result(row, element)), $"{text}: {resultText}");

    /// <summary>The rows of all tables, each as often as all of them have it together.</summary>
    public static Table<TRow> Concat<TRow>(this ITable<TRow> table, params ITable<TRow>[] others)
    {
        Node<TRow>[] nodes = [table.Rows().Node, .. others.Select(o => o.Rows().Node)];
        return table.Rows().Then("Concat", Describe<TRow>(), "", [], nodes, c => new Concat<TRow>([.. nodes.Select(c.BatchOf)]), Array.TrueForAll(nodes, n => n.OnlyGrows));
    }

    /// <summary>Another word for <see cref="Concat"/>, beside <see cref="IntersectAll"/> and <see cref="ExceptAll"/>.</summary>
    public static Table<TRow> UnionAll<TRow>(this ITable<TRow> table, ITable<TRow> other) => table.Concat(other);

    /// <summary>Each row once.</summary>
    /// <remarks>State: how often the table has each row.</remarks>
    public static Table<TRow> Distinct<TRow>(this ITable<TRow> table)
        where TRow : notnull
    {
        var from = table.Rows().Node;
        return table.Rows().Then("Distinct", Describe<TRow>(), "", [""], [from], c => new Distinct<TRow>(c.BatchBy(from, static row => row), c.States.Keyed<TRow, long>(c.IdOf())), from.OnlyGrows, tellsContents: true);
    }

    /// <summary>The rows that either table has, each once.</summary>
    /// <remarks>State: how often each side has each row.</remarks>
    public static Table<TRow> Union<TRow>(this ITable<TRow> table, ITable<TRow> other)
        where TRow : notnull => Combine<TRow, UnionRule>("Union", table, other);

    /// <summary>The rows that both tables have, each once.</summary>
    /// <inheritdoc cref="Union" path="/remarks"/>
    public static Table<TRow> Intersect<TRow>(this ITable<TRow> table, ITable<TRow> other)
        where TRow : notnull => Combine<TRow, IntersectRule>("Intersect", table, other);

    /// <summary>The rows that this table has and the other one hasn't, each once.</summary>
    /// <inheritdoc cref="Union" path="/remarks"/>
    public static Table<TRow> Except<TRow>(this ITable<TRow> table, ITable<TRow> other)
        where TRow : notnull => Combine<TRow, ExceptRule>("Except", table, other);

    /// <summary>The rows that both tables have, each as often as both have it.</summary>
    /// <inheritdoc cref="Union" path="/remarks"/>
    public static Table<TRow> IntersectAll<TRow>(this ITable<TRow> table, ITable<TRow> other)
        where TRow : notnull => Combine<TRow, IntersectAllRule>("IntersectAll", table, other);

    /// <summary>The rows that this table has more often than the other one, each as many times as it has it more often.</summary>
    /// <inheritdoc cref="Union" path="/remarks"/>
    public static Table<TRow> ExceptAll<TRow>(this ITable<TRow> table, ITable<TRow> other)
        where TRow : notnull => Combine<TRow, ExceptAllRule>("ExceptAll", table, other);

    private static Table<TRow> Combine<TRow, TRule>(string kind, ITable<TRow> left, ITable<TRow> right)
        where TRow : notnull
        where TRule : struct, ICombineRule
    {
        var (from, to) = (left.Rows().Node, right.Rows().Node);
        return left.Rows().Then(kind, Describe<TRow>(), "", [""], [from, to], c => new Combine<TRow, TRule>(c.BatchBy(from, static row => row), c.BatchBy(to, static row => row), c.States.Keyed<TRow, (long, long)>(c.IdOf())), tellsContents: true);
    }

    private static string Describe<T>() => RowSchema.Of(typeof(T)).ToString();
}
