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
public sealed class Table<TKey, TRow> : ITable<TRow>
    where TKey : notnull
{
    private Table<TRow>? _rows;
    private Table<TKey, bool>? _keysOnly;

    internal Table(Pipeline pipeline, Node<Keyed<TKey, TRow>> node) => (Pipeline, Node) = (pipeline, node);

    internal Pipeline Pipeline { get; }

    internal Node<Keyed<TKey, TRow>> Node { get; }

    /// <summary>The keys, with nothing under them that a state would have to keep.</summary>
    internal Table<TKey, bool> KeysOnly => _keysOnly ??=
        new(Pipeline, new Node<Keyed<TKey, bool>>("Keys", Types<bool>(), "", [], [Node], c => new Select<Keyed<TKey, TRow>, Keyed<TKey, bool>>(c.BatchOf(Node), static keyed => new(keyed.Key, true))) { StandsByKey = Node.StandsByKey });

    /// <summary>Each row becomes what <paramref name="selector"/> makes of it; the keys stay.</summary>
    public Table<TKey, TOut> Select<TOut>(Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        new(Pipeline, new Node<Keyed<TKey, TOut>>(
            "Select", $"{Types<TRow>()} → {Types<TOut>()}", text ?? "", [], [Node],
            c => new Select<Keyed<TKey, TRow>, Keyed<TKey, TOut>>(c.BatchOf(Node), keyed => new Keyed<TKey, TOut>(keyed.Key, selector(keyed.Row)))) { StandsByKey = Node.StandsByKey });

    /// <summary>The rows for which <paramref name="predicate"/> is true.</summary>
    public Table<TKey, TRow> Where(Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        new(Pipeline, new Node<Keyed<TKey, TRow>>("Where", Types<TRow>(), text ?? "", [], [Node], c => new Where<Keyed<TKey, TRow>>(c.BatchOf(Node), keyed => predicate(keyed.Row))) { StandsByKey = Node.StandsByKey });

    /// <summary>The rows without their keys.</summary>
    public Table<TRow> Rows() => _rows ??=
        new(Pipeline, new Node<TRow>("Rows", Types<TRow>(), "", [], [Node], c => new Select<Keyed<TKey, TRow>, TRow>(c.BatchOf(Node), static keyed => keyed.Row)));

    /// <summary>Gives the last step a name that stays when the code around it changes: state is found again by it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="formerly">The name that it had before, if it is to be found again under a new one.</param>
    public Table<TKey, TRow> Named(string name, string? formerly = null)
    {
        (Node.Name, Node.FormerName) = (name, formerly);
        return this;
    }

    /// <summary>Sends the table to a target as upserts and deletes: one for each key that changed in a commit.</summary>
    public void To(KeyedSink<TKey, TRow> sink)
    {
        var output = Pipeline.OutputTo(sink.Target, sink.Description, sink.Destinations);
        Pipeline.Add(new SinkNode(SinkForm.Keyed, Types<TRow>(), $"{sink.Target.Name} {sink.Description}", [Node], c => SinkOperators.Keyed(c, Node, sink.Formatter, output, sink.Description)));
    }

    private static string Types<T>() => $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(T))}";
}
