using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Tables by their keys.</summary>
public static class Keys
{
    /// <summary>Puts each row under a key. A key that has two rows at the end of an epoch stops the pipeline.</summary>
    /// <remarks>State: how many rows each key has.</remarks>
    public static Table<TKey, TRow> WithKey<TRow, TKey>(this ITable<TRow> table, Func<TRow, TKey> key, [CallerArgumentExpression(nameof(key))] string? text = null)
        where TKey : notnull
    {
        var from = table.Rows().Node;
        var node = new Node<Keyed<TKey, TRow>>("WithKey", Types<TKey, TRow>(), text ?? "", [""], [from], c => new Rekey<TRow, TKey>(c.BatchBy(from, key), key, c.States.Keyed<TKey, long>(c.IdOf()))) { StandsByKey = true, GivesAgain = true };
        return new Table<TKey, TRow>(table.Rows().Pipeline, node);
    }

    /// <summary>The rows of both tables; where both have a key, that of <paramref name="other"/>.</summary>
    /// <remarks>State: the rows of both tables under each key.</remarks>
    public static Table<TKey, TRow> UpdateRows<TKey, TRow>(this Table<TKey, TRow> table, Table<TKey, TRow> other)
        where TKey : notnull => Zip("UpdateRows", "", table, other, static (in Pair<TRow, TRow> pair, out TRow row) =>
    {
        row = pair.HasRight ? pair.Right! : pair.Left!;
        return pair.HasRight || pair.HasLeft;
    });

    /// <summary>The rows of this table; where <paramref name="other"/> has the key, too, what <paramref name="update"/> makes of both. Other keys of <paramref name="other"/> change nothing.</summary>
    /// <inheritdoc cref="UpdateRows" path="/remarks"/>
    public static Table<TKey, TRow> UpdateCells<TKey, TRow, TOther>(
        this Table<TKey, TRow> table, Table<TKey, TOther> other, Func<TRow, TOther, TRow> update, [CallerArgumentExpression(nameof(update))] string? text = null)
        where TKey : notnull => Zip("UpdateCells", text ?? "", table, other, (in Pair<TRow, TOther> pair, out TRow row) =>
    {
        row = pair is { HasLeft: true, HasRight: true } ? update(pair.Left!, pair.Right!) : pair.Left!;
        return pair.HasLeft;
    });

    /// <summary>The rows whose keys <paramref name="other"/> has, too.</summary>
    /// <inheritdoc cref="UpdateRows" path="/remarks"/>
    public static Table<TKey, TRow> RestrictToKeysOf<TKey, TRow, TOther>(this Table<TKey, TRow> table, Table<TKey, TOther> other)
        where TKey : notnull => Zip("RestrictToKeysOf", "", table, other.KeysOnly, static (in Pair<TRow, bool> pair, out TRow row) =>
    {
        row = pair.Left!;
        return pair.HasLeft && pair.HasRight;
    });

    /// <summary>The rows whose keys <paramref name="other"/> hasn't.</summary>
    /// <inheritdoc cref="UpdateRows" path="/remarks"/>
    public static Table<TKey, TRow> WithoutKeysOf<TKey, TRow, TOther>(this Table<TKey, TRow> table, Table<TKey, TOther> other)
        where TKey : notnull => Zip("WithoutKeysOf", "", table, other.KeysOnly, static (in Pair<TRow, bool> pair, out TRow row) =>
    {
        row = pair.Left!;
        return pair is { HasLeft: true, HasRight: false };
    });

    /// <summary>What <paramref name="result"/> makes of the rows that both tables have under a key.</summary>
    /// <inheritdoc cref="UpdateRows" path="/remarks"/>
    public static Table<TKey, TOut> Zip<TKey, TLeft, TRight, TOut>(
        this Table<TKey, TLeft> table, Table<TKey, TRight> other, Func<TLeft, TRight, TOut> result, [CallerArgumentExpression(nameof(result))] string? text = null)
        where TKey : notnull => Zip("Zip", text ?? "", table, other, (in Pair<TLeft, TRight> pair, out TOut row) =>
    {
        var both = pair is { HasLeft: true, HasRight: true };
        row = both ? result(pair.Left!, pair.Right!) : default!;
        return both;
    });

    /// <summary>The rows for which <paramref name="predicate"/> is true, and those for which it isn't.</summary>
    public static (Table<TKey, TRow> Matching, Table<TKey, TRow> Others) Split<TKey, TRow>(
        this Table<TKey, TRow> table, Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null)
        where TKey : notnull => (table.Where(predicate, text), table.Where(row => !predicate(row), $"not: {text}"));

    /// <summary>The rows for which <paramref name="predicate"/> is true, and those for which it isn't.</summary>
    public static (Table<TRow> Matching, Table<TRow> Others) Split<TRow>(this Table<TRow> table, Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        (table.Where(predicate, text), table.Where(row => !predicate(row), $"not: {text}"));

    /// <summary>The rows beside their keys.</summary>
    public static Table<Keyed<TKey, TRow>> Entries<TKey, TRow>(this Table<TKey, TRow> table)
        where TKey : notnull => new(table.Pipeline, table.Node);

    private static Table<TKey, TOut> Zip<TKey, TLeft, TRight, TOut>(string kind, string text, Table<TKey, TLeft> left, Table<TKey, TRight> right, ZipRule<TLeft, TRight, TOut> rule)
        where TKey : notnull
    {
        var (from, to) = (left.Node, right.Node);
        var types = $"{Types<TKey, TLeft>()}, {RowSchema.Of(typeof(TRight))} → {RowSchema.Of(typeof(TOut))}";
        var node = new Node<Keyed<TKey, TOut>>(kind, types, text, [""], [from, to], c => new Zip<TKey, TLeft, TRight, TOut>(
            c.BatchByKey(from), c.BatchByKey(to), rule, c.States.Keyed<TKey, Pair<TLeft, TRight>>(c.IdOf()))) { StandsByKey = true, TellsContents = true };
        return new Table<TKey, TOut>(left.Pipeline, node);
    }

    private static string Types<TKey, TRow>() => $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TRow))}";
}
