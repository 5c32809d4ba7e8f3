using System.Runtime.CompilerServices;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway;

/// <summary>A changing table with one row under each key.</summary>
/// <remarks>Functions over rows have to be pure: a row that goes is computed again. Row types need structural equality: records, tuples, primitives.</remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class Table<TKey, TRow>
    where TKey : notnull
{
    private Table<TRow>? _rows;

    internal Table(Pipeline pipeline, Node<Keyed<TKey, TRow>> node) => (Pipeline, Node) = (pipeline, node);

    internal Pipeline Pipeline { get; }

    internal Node<Keyed<TKey, TRow>> Node { get; }

    /// <summary>Each row becomes what <paramref name="selector"/> makes of it; the keys stay.</summary>
    public Table<TKey, TOut> Select<TOut>(Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        new(Pipeline, new Node<Keyed<TKey, TOut>>(
            "Select", $"{Types<TRow>()} → {Types<TOut>()}", text ?? "", [], [Node],
            c => new Select<Keyed<TKey, TRow>, Keyed<TKey, TOut>>(c.BatchOf(Node), keyed => new Keyed<TKey, TOut>(keyed.Key, selector(keyed.Row)))));

    /// <summary>The rows for which <paramref name="predicate"/> is true.</summary>
    public Table<TKey, TRow> Where(Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        new(Pipeline, new Node<Keyed<TKey, TRow>>("Where", Types<TRow>(), text ?? "", [], [Node], c => new Where<Keyed<TKey, TRow>>(c.BatchOf(Node), keyed => predicate(keyed.Row))));

    /// <summary>The rows without their keys.</summary>
    public Table<TRow> Rows() => _rows ??=
        new(Pipeline, new Node<TRow>("Rows", Types<TRow>(), "", [], [Node], c => new Select<Keyed<TKey, TRow>, TRow>(c.BatchOf(Node), static keyed => keyed.Row)));

    /// <summary>Pairs of rows with equal join keys. A key that is null matches nothing, as in SQL.</summary>
    public Table<TOut> Join<TRight, TJoin, TOut>(
        Table<TRight> right, Func<TRow, TJoin> leftKey, Func<TRight, TJoin> rightKey, Func<TRow, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TJoin : notnull => Rows().Join(right, leftKey, rightKey, result, leftText, rightText, resultText);

    /// <inheritdoc cref="Join{TRight, TJoin, TOut}(Table{TRight}, Func{TRow, TJoin}, Func{TRight, TJoin}, Func{TRow, TRight, TOut}, string, string, string)"/>
    public Table<TOut> Join<TRightKey, TRight, TJoin, TOut>(
        Table<TRightKey, TRight> right, Func<TRow, TJoin> leftKey, Func<TRight, TJoin> rightKey, Func<TRow, TRight, TOut> result,
        [CallerArgumentExpression(nameof(leftKey))] string? leftText = null, [CallerArgumentExpression(nameof(rightKey))] string? rightText = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TJoin : notnull
        where TRightKey : notnull => Rows().Join(right.Rows(), leftKey, rightKey, result, leftText, rightText, resultText);

    /// <summary>Groups rows by a key.</summary>
    public Grouping<TRow, TGroup, TRow> GroupBy<TGroup>(Func<TRow, TGroup> key, [CallerArgumentExpression(nameof(key))] string? text = null)
        where TGroup : notnull => Rows().GroupBy(key, text);

    /// <summary>Groups what <paramref name="element"/> makes of the rows by a key.</summary>
    public Grouping<TRow, TGroup, TElement> GroupBy<TGroup, TElement>(
        Func<TRow, TGroup> key, Func<TRow, TElement> element, [CallerArgumentExpression(nameof(key))] string? text = null, [CallerArgumentExpression(nameof(element))] string? elementText = null)
        where TGroup : notnull => Rows().GroupBy(key, element, text, elementText);

    /// <summary>Gives the last step a name that stays when the code around it changes: state is found again by it.</summary>
    public Table<TKey, TRow> Named(string name)
    {
        Node.Name = name;
        return this;
    }

    /// <summary>Sends the table to a target as upserts and deletes: one for each key that changed in a commit.</summary>
    public void To(KeyedSink<TKey, TRow> sink)
    {
        var output = Pipeline.OutputTo(sink.Target, sink.Description, sink.Destinations);
        Pipeline.Add(new SinkNode("Sink", Types<TRow>(), $"{sink.Target.Name} {sink.Description}", [Node], c => new KeyedSinkOperator<TKey, TRow>(c.BatchOf(Node), sink.Formatter, output, sink.Description)));
    }

    private static string Types<T>() => $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(T))}";
}
