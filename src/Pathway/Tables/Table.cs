using System.Runtime.CompilerServices;
using Pathway.Connectors;
using Pathway.Engine;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway;

/// <summary>A changing multiset of rows. What is computed from it changes with it.</summary>
/// <remarks>Functions over rows have to be pure: a row that goes is computed again. Row types need structural equality: records, tuples, primitives.</remarks>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class Table<TRow>
{
    internal Table(Pipeline pipeline, Node<TRow> node) => (Pipeline, Node) = (pipeline, node);

    internal Pipeline Pipeline { get; }

    internal Node<TRow> Node { get; }

    /// <summary>Each row becomes what <paramref name="selector"/> makes of it.</summary>
    public Table<TOut> Select<TOut>(Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        new(Pipeline, new Node<TOut>("Select", $"{RowSchema.Of(typeof(TRow))} → {RowSchema.Of(typeof(TOut))}", text ?? "", [], [Node], c => new Select<TRow, TOut>(c.BatchOf(Node), selector)));

    /// <summary>The rows for which <paramref name="predicate"/> is true.</summary>
    public Table<TRow> Where(Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        new(Pipeline, new Node<TRow>("Where", RowSchema.Of(typeof(TRow)).ToString(), text ?? "", [], [Node], c => new Where<TRow>(c.BatchOf(Node), predicate)));

    /// <summary>Pairs of rows with equal keys. A key that is null matches nothing, as in SQL.</summary>
    public Table<TOut> Join<TRight, TKey, TOut>(
        Table<TRight> right, Func<TRow, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TRow, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull
    {
        var (left, other) = (Node, right.Node);
        var types = $"{RowSchema.Of(typeof(TRow))} ⋈ {RowSchema.Of(typeof(TRight))} on {RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TOut))}";
        var node = new Node<TOut>("Join", types, $"{leftText} equals {rightText}: {resultText}", ["left", "right"], [left, other], c => new Join<TRow, TRight, TKey, TOut>(
            c.BatchOf(left), c.BatchOf(other), leftKey, rightKey, result, c.States.Arrange<TKey, TRow>(c.IdOf("left")), c.States.Arrange<TKey, TRight>(c.IdOf("right"))));
        return new Table<TOut>(Pipeline, node);
    }

    /// <inheritdoc cref="Join{TRight, TKey, TOut}(Table{TRight}, Func{TRow, TKey}, Func{TRight, TKey}, Func{TRow, TRight, TOut}, string, string, string)"/>
    public Table<TOut> Join<TRightKey, TRight, TKey, TOut>(
        Table<TRightKey, TRight> right, Func<TRow, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TRow, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull
        where TRightKey : notnull => Join(right.Rows(), leftKey, rightKey, result, leftText, rightText, resultText);

    /// <summary>Groups rows by a key.</summary>
    public Grouping<TRow, TKey, TRow> GroupBy<TKey>(Func<TRow, TKey> key, [CallerArgumentExpression(nameof(key))] string? text = null)
        where TKey : notnull => new(this, key, null, text ?? "");

    /// <summary>Groups what <paramref name="element"/> makes of the rows by a key.</summary>
    public Grouping<TRow, TKey, TElement> GroupBy<TKey, TElement>(
        Func<TRow, TKey> key, Func<TRow, TElement> element, [CallerArgumentExpression(nameof(key))] string? text = null, [CallerArgumentExpression(nameof(element))] string? elementText = null)
        where TKey : notnull => new(this, key, element, $"{text} of {elementText}");

    /// <summary>Gives the last step a name that stays when the code around it changes: state is found again by it.</summary>
    public Table<TRow> Named(string name)
    {
        Node.Name = name;
        return this;
    }

    /// <summary>Sends the changes to a target, with time and diff.</summary>
    public void To(ChangeSink<TRow> sink)
    {
        var output = Pipeline.OutputTo(sink.Target, sink.Description, sink.Destinations);
        Pipeline.Add(new SinkNode("Sink", RowSchema.Of(typeof(TRow)).ToString(), $"{sink.Target.Name} {sink.Description}", [Node], c => new ChangeSinkOperator<TRow>(c.BatchOf(Node), sink.Formatter, output)));
    }
}
