using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace Pathway;

/// <summary>Rows into groups.</summary>
public static class Groupings
{
    /// <summary>Groups rows by a key.</summary>
    public static Grouping<TRow, TKey, TRow> GroupBy<TRow, TKey>(this ITable<TRow> table, Func<TRow, TKey> key, [CallerArgumentExpression(nameof(key))] string? text = null)
        where TKey : notnull => new(table.Rows(), key, null, text ?? "");

    /// <summary>Groups what <paramref name="element"/> makes of the rows by a key.</summary>
    public static Grouping<TRow, TKey, TElement> GroupBy<TRow, TKey, TElement>(
        this ITable<TRow> table, Func<TRow, TKey> key, Func<TRow, TElement> element,
        [CallerArgumentExpression(nameof(key))] string? text = null, [CallerArgumentExpression(nameof(element))] string? elementText = null)
        where TKey : notnull => new(table.Rows(), key, element, $"{text} of {elementText}");

    /// <summary>One row over the whole table, from its reducers: <c>orders.Aggregate(all => new Total(all.Count(), all.Sum(o => o.Amount)))</c>. A table without rows gives none.</summary>
    /// <exception cref="Core.ConfigurationException">The expression uses the group for something that is no reducer.</exception>
    public static Table<bool, TOut> Aggregate<TRow, TOut>(this ITable<TRow> table, Expression<Func<Group<bool, TRow>, TOut>> result) =>
        new Grouping<TRow, bool, TRow>(table.Rows(), static _ => true, null, "everything").Select(result);
}
