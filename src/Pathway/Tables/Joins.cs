using System.Runtime.CompilerServices;
using Pathway.Engine;

namespace Pathway;

/// <summary>Joins of two tables by equal keys. A key that is null, or of which a member is null, matches nothing, as in SQL.</summary>
public static class Joins
{
    /// <summary>Pairs of rows with equal keys.</summary>
    /// <remarks>State: the rows of both sides by key.</remarks>
    public static Table<TOut> Join<TLeft, TRight, TKey, TOut>(
        this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull
    {
        var (table, from, to) = (left.Rows(), left.Rows().Node, right.Rows().Node);
        return table.Then("Join", Types<TLeft, TRight, TKey, TOut>(), $"{leftText} equals {rightText}: {resultText}", ["left", "right"], [from, to], c => new Join<TLeft, TRight, TKey, TOut>(
            c.BatchBy(from, leftKey), c.BatchBy(to, rightKey), leftKey, rightKey, result, c.States.Arrange<TKey, TLeft>(c.IdOf("left")), c.States.Arrange<TKey, TRight>(c.IdOf("right"))), from.OnlyGrows && to.OnlyGrows, tellsContents: true);
    }

    /// <summary>Pairs of rows with equal keys, and each left row without a match beside the default value (null for a record).</summary>
    /// <inheritdoc cref="Join" path="/remarks"/>
    public static Table<TOut> LeftJoin<TLeft, TRight, TKey, TOut>(
        this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft, TRight?, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull => Outer("LeftJoin", left.Rows(), right.Rows(), leftKey, rightKey, result, l => result(l, default), null, $"{leftText} equals {rightText}: {resultText}");

    /// <summary>Pairs of rows with equal keys, and each right row without a match beside the default value (null for a record).</summary>
    /// <inheritdoc cref="Join" path="/remarks"/>
    public static Table<TOut> RightJoin<TLeft, TRight, TKey, TOut>(
        this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft?, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull => Outer("RightJoin", left.Rows(), right.Rows(), leftKey, rightKey, result, null, r => result(default, r), $"{leftText} equals {rightText}: {resultText}");

    /// <summary>Pairs of rows with equal keys, and each row of either side without a match beside the default value (null for a record).</summary>
    /// <inheritdoc cref="Join" path="/remarks"/>
    public static Table<TOut> FullJoin<TLeft, TRight, TKey, TOut>(
        this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft?, TRight?, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull =>
        Outer("FullJoin", left.Rows(), right.Rows(), leftKey, rightKey, result, l => result(l, default), r => result(default, r), $"{leftText} equals {rightText}: {resultText}");

    /// <summary>The left rows that have a match on the right, each as often as it is on the left.</summary>
    /// <remarks>State: the left rows by key, and how many right rows each key has.</remarks>
    public static Table<TLeft> SemiJoin<TLeft, TRight, TKey>(
        this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null)
        where TKey : notnull => Semi("SemiJoin", left.Rows(), right.Rows(), leftKey, rightKey, wanted: true, $"{leftText} equals {rightText}");

    /// <summary>The left rows that have no match on the right; a row whose key has a null is among them.</summary>
    /// <inheritdoc cref="SemiJoin" path="/remarks"/>
    public static Table<TLeft> AntiJoin<TLeft, TRight, TKey>(
        this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null)
        where TKey : notnull => Semi("AntiJoin", left.Rows(), right.Rows(), leftKey, rightKey, wanted: false, $"{leftText} equals {rightText}");

    /// <summary>Every left row beside every right row: meant for a right side of one row, such as a total or a setting.</summary>
    /// <remarks>State: both sides. A change of a right row gives all left rows anew.</remarks>
    public static Table<TOut> CrossJoin<TLeft, TRight, TOut>(this ITable<TLeft> left, ITable<TRight> right, Func<TLeft, TRight, TOut> result, [CallerArgumentExpression(nameof(result))] string? text = null) =>
        left.Join(right, static _ => true, static _ => true, result, "", "", text);

    /// <summary>Each left row beside the row that stands under <paramref name="key"/> in another table, or beside the default value (null for a record) where none does; the left keys stay.</summary>
    /// <inheritdoc cref="Join" path="/remarks"/>
    public static Table<TKey, TOut> Lookup<TKey, TLeft, TOther, TRight, TOut>(
        this Table<TKey, TLeft> left, Table<TOther, TRight> right, Func<TLeft, TOther> key, Func<TLeft, TRight?, TOut> result,
        [CallerArgumentExpression(nameof(key))] string? keyText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull
        where TOther : notnull
    {
        var (from, to) = (left.Node, right.Node);
        var node = new Node<Core.Keyed<TKey, TOut>>(
            "Lookup", $"{Types<TLeft, TRight, TOther, TOut>()} under {Describe<TKey>()}", $"{keyText}: {resultText}", ["left", "right"], [from, to],
            c => new OuterJoin<Core.Keyed<TKey, TLeft>, Core.Keyed<TOther, TRight>, TOther, Core.Keyed<TKey, TOut>>(
                c.BatchBy(from, l => key(l.Row)), c.BatchByKey(to), l => key(l.Row), static r => r.Key, (l, r) => new(l.Key, result(l.Row, r.Row)), l => new(l.Key, result(l.Row, default)), null,
                c.States.Arrange<TOther, Core.Keyed<TKey, TLeft>>(c.IdOf("left")), c.States.Arrange<TOther, Core.Keyed<TOther, TRight>>(c.IdOf("right")))) { TellsContents = KeepsAll<TOther>(), GivesAgain = true };
        return new Table<TKey, TOut>(left.Pipeline, node);
    }

    /// <summary>Each left row beside the row that stands under <paramref name="key"/> in another table, or beside the default value (null for a record) where none does.</summary>
    /// <inheritdoc cref="Join" path="/remarks"/>
    public static Table<TOut> Lookup<TLeft, TOther, TRight, TOut>(
        this Table<TLeft> left, Table<TOther, TRight> right, Func<TLeft, TOther> key, Func<TLeft, TRight?, TOut> result,
        [CallerArgumentExpression(nameof(key))] string? keyText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TOther : notnull
    {
        var (from, to) = (left.Node, right.Node);
        return left.Then("Lookup", Types<TLeft, TRight, TOther, TOut>(), $"{keyText}: {resultText}", ["left", "right"], [from, to], c => new OuterJoin<TLeft, Core.Keyed<TOther, TRight>, TOther, TOut>(
            c.BatchBy(from, key), c.BatchByKey(to), key, static r => r.Key, (l, r) => result(l, r.Row), l => result(l, default), null,
            c.States.Arrange<TOther, TLeft>(c.IdOf("left")), c.States.Arrange<TOther, Core.Keyed<TOther, TRight>>(c.IdOf("right"))), tellsContents: KeepsAll<TOther>(), givesAgain: true);
    }

    private static Table<TOut> Outer<TLeft, TRight, TKey, TOut>(
        string kind, Table<TLeft> left, Table<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey,
        Func<TLeft, TRight, TOut> result, Func<TLeft, TOut>? leftAlone, Func<TRight, TOut>? rightAlone, string text)
        where TKey : notnull
    {
        var (from, to) = (left.Node, right.Node);
        return left.Then(kind, Types<TLeft, TRight, TKey, TOut>(), text, ["left", "right"], [from, to], c => new OuterJoin<TLeft, TRight, TKey, TOut>(
            c.BatchBy(from, leftKey), c.BatchBy(to, rightKey), leftKey, rightKey, result, leftAlone, rightAlone,
            c.States.Arrange<TKey, TLeft>(c.IdOf("left")), c.States.Arrange<TKey, TRight>(c.IdOf("right"))), tellsContents: KeepsAll<TKey>(), givesAgain: true);
    }

    private static Table<TLeft> Semi<TLeft, TRight, TKey>(string kind, Table<TLeft> left, Table<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, bool wanted, string text)
        where TKey : notnull
    {
        var (from, to) = (left.Node, right.Node);
        return left.Then(kind, $"{Describe<TLeft>()} ⋉ {Describe<TRight>()} on {Describe<TKey>()}", text, ["left", "right"], [from, to], c => new SemiJoin<TLeft, TRight, TKey>(
            c.BatchBy(from, leftKey), c.BatchBy(to, rightKey), leftKey, rightKey, wanted, c.States.Arrange<TKey, TLeft>(c.IdOf("left")), c.States.Keyed<TKey, long>(c.IdOf("right"))), tellsContents: wanted || KeepsAll<TKey>(), givesAgain: true);
    }

    // Rows whose key has a null match nothing, and their state is left out.
    private static bool KeepsAll<TKey>() => !Storage.NullMembers<TKey>.CanBe;

    private static string Types<TLeft, TRight, TKey, TOut>() => $"{Describe<TLeft>()} ⋈ {Describe<TRight>()} on {Describe<TKey>()} → {Describe<TOut>()}";

    private static string Describe<T>() => Storage.RowSchema.Of(typeof(T)).ToString();
}
