using System.Linq.Expressions;

namespace Pathway;

/// <summary>Rows grouped by a key, before it is said what row each group gives.</summary>
/// <typeparam name="TRow">The rows that are grouped.</typeparam>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TElement">What reducers see of a row.</typeparam>
public sealed class Grouping<TRow, TKey, TElement>
    where TKey : notnull
{
    internal Grouping(Table<TRow> table, Func<TRow, TKey> key, Func<TRow, TElement>? element, string text) => (Table, KeyOf, ElementOf, Text) = (table, key, element, text);

    internal Table<TRow> Table { get; }

    internal Func<TRow, TKey> KeyOf { get; }

    /// <summary>What reducers see of a row; null for the row itself.</summary>
    internal Func<TRow, TElement>? ElementOf { get; }

    internal string Text { get; }

    /// <summary>
    /// The row of each group, from its key and reducers: <c>g => new Total(g.Key, g.Count(), g.Sum(o => o.Amount))</c>. All reducers share one state.
    /// </summary>
    /// <exception cref="Core.ConfigurationException">The expression uses the group for something that is no reducer.</exception>
    public Table<TKey, TOut> Select<TOut>(Expression<Func<Group<TKey, TElement>, TOut>> result) => GroupResult.Build(this, result);
}
