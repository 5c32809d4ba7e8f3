using System.Runtime.CompilerServices;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway;

/// <summary>An append-only table whose rows keep the order of their source partition, through linear steps and into the sink.</summary>
/// <typeparam name="TRow">The events.</typeparam>
public sealed class Stream<TRow>
{
    private readonly Pipeline _pipeline;
    private readonly Node<TRow> _node;

    internal Stream(Pipeline pipeline, Node<TRow> node)
    {
        (_pipeline, _node) = (pipeline, node);
        node.KeepsOrder = true;
    }

    /// <summary>Each event becomes what <paramref name="selector"/> makes of it. Any function works: a stream has no retractions.</summary>
    public Stream<TOut> Select<TOut>(Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null) =>
        new(_pipeline, new Node<TOut>("Select", $"{typeof(TRow).Name} → {typeof(TOut).Name}", text ?? "", [], [_node], c => new Select<TRow, TOut>(c.BatchOf(_node), selector)));

    /// <summary>The events for which <paramref name="predicate"/> is true.</summary>
    public Stream<TRow> Where(Func<TRow, bool> predicate, [CallerArgumentExpression(nameof(predicate))] string? text = null) =>
        new(_pipeline, new Node<TRow>("Where", typeof(TRow).Name, text ?? "", [], [_node], c => new Where<TRow>(c.BatchOf(_node), predicate)));

    /// <summary>Each event is seen, in order, by a step that remembers something of those before it.</summary>
    /// <param name="step">Makes the step. Streams stand on the first worker; on the others it sees nothing.</param>
    /// <param name="settings">What the step does, for people and for the plan: another text is another plan.</param>
    /// <typeparam name="TKey">The keys of what it remembers.</typeparam>
    /// <typeparam name="TValue">What it remembers; a row type.</typeparam>
    public Stream<TRow> Remember<TKey, TValue>(Func<IRememberingStep<TRow, TKey, TValue>> step, string settings)
        where TKey : notnull =>
        new(_pipeline, new Node<TRow>(
            "Remember", $"{typeof(TRow).Name}: {RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TValue))}", settings, [""], [_node],
            c => new Remember<TRow, TKey, TValue>(c.BatchOnOne(_node), step(), c.StatesOnOne.Keyed<TKey, TValue>(c.IdOf()))) { NotFromTable = "it remembers events of a stream, which are gone" });

    /// <summary>Gives the last step a name that stays when the code around it changes.</summary>
    public Stream<TRow> Named(string name)
    {
        _node.Name = name;
        return this;
    }

    /// <summary>Sends the events to a target, in order.</summary>
    public void To(StreamSink<TRow> sink)
    {
        var output = _pipeline.OutputTo(sink.Target, sink.Description, sink.Destinations);
        _pipeline.Add(new SinkNode(SinkForm.Stream, typeof(TRow).Name, $"{sink.Target.Name} {sink.Description}", [_node], c => new StreamSinkOperator<TRow>(c.BatchOf(_node), sink.Formatter, output.Part(c.Worker))));
    }
}
