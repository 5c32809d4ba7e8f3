using System.Runtime.CompilerServices;
using Pathway.Connectors;
using Pathway.Engine;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway;

/// <summary>A changing multiset of rows. What is computed from it changes with it.</summary>
/// <remarks>Functions over rows have to be pure: a row that goes is computed again. Row types need structural equality: records, tuples, primitives.</remarks>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class Table<TRow> : ITable<TRow>
{
    internal Table(Pipeline pipeline, Node<TRow> node) => (Pipeline, Node) = (pipeline, node);

    internal Pipeline Pipeline { get; }

    internal Node<TRow> Node { get; }

    /// <summary>Each row becomes what <paramref name="selector"/> makes of it.</summary>
    public Table<TOut> Select<TOut>(Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        new(Pipeline, new Node<TOut>("Select", $"{RowSchema.Of(typeof(TRow))} → {RowSchema.Of(typeof(TOut))}", text ?? "", [], [Node], c => new Select<TRow, TOut>(c.BatchOf(Node), selector)) { OnlyGrows = Node.OnlyGrows });

    /// <summary>The rows for which <paramref name="predicate"/> is true.</summary>
    public Table<TRow> Where(Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        new(Pipeline, new Node<TRow>("Where", RowSchema.Of(typeof(TRow)).ToString(), text ?? "", [], [Node], c => new Where<TRow>(c.BatchOf(Node), predicate)) { OnlyGrows = Node.OnlyGrows });

    /// <inheritdoc/>
    Table<TRow> ITable<TRow>.Rows() => this;

    /// <summary>Gives the last step a name that stays when the code around it changes: state is found again by it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="formerly">The name that it had before, if it is to be found again under a new one.</param>
    public Table<TRow> Named(string name, string? formerly = null)
    {
        (Node.Name, Node.FormerName) = (name, formerly);
        return this;
    }

    /// <summary>Sends the changes to a target, with time and diff.</summary>
    public void To(ChangeSink<TRow> sink)
    {
        var output = Pipeline.OutputTo(sink.Target, sink.Description, sink.Destinations);
        Pipeline.Add(new SinkNode(SinkForm.Changes, RowSchema.Of(typeof(TRow)).ToString(), $"{sink.Target.Name} {sink.Description}", [Node], c => SinkOperators.Changes(c, Node, sink.Formatter, output)));
    }

    /// <summary>The table that a step over this one, and perhaps others, gives.</summary>
    internal Table<TOut> Then<TOut>(string kind, string types, string text, IReadOnlyList<string> states, IReadOnlyList<Node> inputs, Func<OperatorContext, Operator<TOut>> create, bool onlyGrows = false, bool tellsContents = false, bool givesAgain = false, string? notFromTable = null) =>
        new(Pipeline, new Node<TOut>(kind, types, text, states, inputs, create) { OnlyGrows = onlyGrows, TellsContents = tellsContents, GivesAgain = givesAgain || states.Count == 0, NotFromTable = notFromTable });
}
