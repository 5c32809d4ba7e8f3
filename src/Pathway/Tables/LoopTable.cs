using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>A table inside of a loop (<see cref="Loops"/>): what it is differs from round to round.</summary>
/// <remarks>It has the steps that work in a loop; what it lacks can be done before the loop or behind it. Tables from outside may be used in joins and with <see cref="Import{TOther}"/>: they are the same in every round.</remarks>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class LoopTable<TRow>
{
    internal LoopTable(Pipeline pipeline, Node<TRow> node) => (Pipeline, Node) = (pipeline, node);

    internal Pipeline Pipeline { get; }

    internal Node<TRow> Node { get; }

    /// <summary>How its rows stand on the workers, if it is the loop's variable.</summary>
    internal VariablePlacement<TRow>? Placement { get; init; }

    /// <summary>Each row becomes what <paramref name="selector"/> makes of it.</summary>
    public LoopTable<TOut> Select<TOut>(Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        Then("Select", $"{Describe<TRow>()} → {Describe<TOut>()}", text, [], [Node], c => new Select<TRow, TOut>(c.BatchOf(Node), selector));

    /// <summary>The rows for which <paramref name="predicate"/> is true.</summary>
    public LoopTable<TRow> Where(Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        Then("Where", Describe<TRow>(), text, [], [Node], c => new Where<TRow>(c.BatchOf(Node), predicate));

    /// <summary>Each row becomes any number of rows.</summary>
    public LoopTable<TOut> SelectMany<TOut>(Func<TRow, IEnumerable<TOut>> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        Then("SelectMany", $"{Describe<TRow>()} → {Describe<TOut>()}", text, [], [Node], c => new SelectMany<TRow, TOut>(c.BatchOf(Node), selector));

    /// <summary>The rows of both tables, each as often as both have it together.</summary>
    public LoopTable<TRow> Concat(LoopTable<TRow> other) => Then("Concat", Describe<TRow>(), "", [], [Node, other.Node], c => new Concat<TRow>([c.BatchOf(Node), c.BatchOf(other.Node)]));

    /// <inheritdoc cref="Concat(LoopTable{TRow})"/>
    public LoopTable<TRow> Concat(ITable<TRow> other) => Concat(Import(other));

    /// <summary>A table from outside, in the loop.</summary>
    public LoopTable<TOther> Import<TOther>(ITable<TOther> table)
    {
        var from = table.Rows().Node;
        return Then("LoopImport", Describe<TOther>(), "", [], [from], c => new LoopImport<TOther>(c.BatchOf(from)));
    }

    /// <summary>Pairs of rows with equal keys; a key that is null, or of which a member is, matches nothing.</summary>
    /// <remarks>State: the rows of both sides by key, with the rounds in which they changed.</remarks>
    public LoopTable<TOut> Join<TRight, TKey, TOut>(
        LoopTable<TRight> right, Func<TRow, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TRow, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull
    {
        var stands = Placement?.StandsBy(leftKey) == true;
        return Then(
            "LoopJoin", $"{Describe<TRow>()} ⋈ {Describe<TRight>()} on {Describe<TKey>()} → {Describe<TOut>()}", $"{leftText} equals {rightText}: {resultText}", ["left", "right"], [Node, right.Node],
            c => new LoopJoin<TRow, TRight, TKey, TOut>(
                stands ? c.BatchOf(Node) : c.BatchBy(Node, leftKey), c.BatchBy(right.Node, rightKey), leftKey, rightKey, result,
                c.States.Arrange<TKey, (int, TRow)>(c.IdOf("left")), c.States.Arrange<TKey, (int, TRight)>(c.IdOf("right"))));
    }

    /// <inheritdoc cref="Join{TRight, TKey, TOut}(LoopTable{TRight}, Func{TRow, TKey}, Func{TRight, TKey}, Func{TRow, TRight, TOut}, string, string, string)"/>
    public LoopTable<TOut> Join<TRight, TKey, TOut>(
        ITable<TRight> right, Func<TRow, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TRow, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull => Join(Import(right), leftKey, rightKey, result, leftText, rightText, resultText);

    /// <summary>The row of each group, from its key and all of its rows, which come in no order and may be read during the call alone. A group without rows gives none.</summary>
    /// <remarks>State: the rows by key and the rows that came out, with the rounds in which they changed. A change of a group in a round reads all of its rows.</remarks>
    public LoopTable<TOut> GroupBy<TKey, TOut>(
        Func<TRow, TKey> key, Func<TKey, IReadOnlyList<TRow>, TOut> result, [CallerArgumentExpression(nameof(key))] string? text = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull => Then(
            "LoopGroupBy", $"{Describe<TRow>()} by {Describe<TKey>()} → {Describe<TOut>()}", $"by {text}: {resultText}", ["rows", "given"], [Node],
            c => new LoopGroupBy<TRow, TKey, TOut>(c.BatchBy(Node, key), key, result, c.States.Arrange<TKey, (int, TRow)>(c.IdOf("rows")), c.States.Arrange<TKey, (int, TOut)>(c.IdOf("given"))));

    /// <summary>The row of each group, from its key, the count of its rows and the sum of a value over them: of large groups nothing but the sums is read.</summary>
    /// <remarks>State: count and sum by key, with the rounds in which they changed. A sum beyond 64 bits stops the pipeline.</remarks>
    public LoopTable<TOut> SumBy<TKey, TOut>(
        Func<TRow, TKey> key, Func<TRow, long> value, Func<TKey, long, long, TOut> result,
        [CallerArgumentExpression(nameof(key))] string? text = null, [CallerArgumentExpression(nameof(value))] string? valueText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull => Then(
            "LoopSumBy", $"{Describe<TRow>()} by {Describe<TKey>()} → {Describe<TOut>()}", $"{valueText} by {text}: {resultText}", ["sums"], [Node],
            c => new LoopSumBy<TRow, TKey, TOut>(c.BatchBy(Node, key), key, row => (1, value(row)), result, c.States.Keyed<TKey, ValueList<RoundSum>>(c.IdOf("sums"))));

    /// <summary>Each row gives a value to the groups of the rows from outside that match it, such as a node along its edges: the row of each group, from the count and the sum of what it is given.</summary>
    /// <param name="right">The rows from outside, such as edges.</param>
    /// <param name="leftKey">The key of a row.</param>
    /// <param name="rightKey">The key of a right row.</param>
    /// <param name="group">The group of a right row.</param>
    /// <param name="value">What a row gives to each right row that matches it, from the row and the number of those.</param>
    /// <param name="groups">Groups that are there without a pair as well; each counts as one pair that adds nothing.</param>
    /// <param name="result">The row of a group, from its key, count and sum.</param>
    /// <param name="leftText">The text of <paramref name="leftKey"/>, for the plan.</param>
    /// <param name="rightText">That of <paramref name="rightKey"/>.</param>
    /// <param name="groupText">That of <paramref name="group"/>.</param>
    /// <param name="valueText">That of <paramref name="value"/>.</param>
    /// <param name="resultText">That of <paramref name="result"/>.</param>
    /// <remarks>
    /// What a join with <see cref="SumBy"/> behind it gives, of which no pair is made: a row that goes and one that comes under the same key in a round cost each of their matches one addition.
    /// State: the rows of both sides by key, and count and sum by group, with the rounds in which they changed. The rows of the loop under one key are kept together, so they should be few. A sum beyond 64 bits stops the
    /// pipeline.
    /// </remarks>
    public LoopTable<TOut> JoinSumBy<TRight, TKey, TGroup, TOut>(
        ITable<TRight> right, Func<TRow, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TRight, TGroup> group, Func<TRow, long, long> value, ITable<TGroup> groups, Func<TGroup, long, long, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(group))] string? groupText = null,
        [CallerArgumentExpression(nameof(value))] string? valueText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull
        where TGroup : notnull
    {
        var imported = Import(right);
        var stands = Placement?.StandsBy(leftKey) == true;
        var parts = Then(
            "LoopJoinSum", $"{Describe<TRow>()} ⋈ {Describe<TRight>()} on {Describe<TKey>()} → {Describe<TGroup>()}", $"{leftText} equals {rightText}: {valueText} by {groupText}", ["left", "right"], [Node, imported.Node],
            c => new LoopJoinSum<TRow, TRight, TKey, TGroup>(
                stands ? c.BatchOf(Node) : c.BatchBy(Node, leftKey), c.BatchBy(imported.Node, rightKey), leftKey, rightKey, group, value, c.States.Keyed<TKey, ValueList<RoundRow<TRow>>>(c.IdOf("left")), c.States.Arrange<TKey, TRight>(c.IdOf("right"))));
        var all = parts.Concat(Import(groups).Select(static g => new SumPart<TGroup>(g, 1, 0), ""));
        return all.Then(
            "LoopSumBy", $"{Describe<TGroup>()} → {Describe<TOut>()}", resultText, ["sums"], [all.Node],
            c => new LoopSumBy<SumPart<TGroup>, TGroup, TOut>(
                c.BatchBy(all.Node, static part => part.Group), static part => part.Group, static part => (part.Count, part.Sum), result, c.States.Keyed<TGroup, ValueList<RoundSum>>(c.IdOf("sums"))));
    }

    /// <summary>Each row once.</summary>
    /// <remarks>State: how often it has each row, with the rounds in which that changed.</remarks>
    public LoopTable<TRow> Distinct() => Then(
        "LoopDistinct", Describe<TRow>(), "", ["sums"], [Node],
        c => new LoopSumBy<TRow, ValueTuple<TRow>, TRow>(
            c.BatchBy(Node, static row => new ValueTuple<TRow>(row)), static row => new(row), static _ => (1, 0), static (row, _, _) => row.Item1, c.States.Keyed<ValueTuple<TRow>, ValueList<RoundSum>>(c.IdOf("sums"))));

    /// <summary>Gives the last step a name that stays when the code around it changes: state is found again by it.</summary>
    public LoopTable<TRow> Named(string name)
    {
        Node.Name = name;
        return this;
    }

    private LoopTable<TOut> Then<TOut>(string kind, string types, string? text, IReadOnlyList<string> states, IReadOnlyList<Node> inputs, Func<OperatorContext, Operator<TOut>> create) =>
        new(Pipeline, new Node<TOut>(kind, types, text ?? "", states, inputs, create) { Loop = Node.Loop });

    private static string Describe<T>() => RowSchema.Of(typeof(T)).ToString();
}
