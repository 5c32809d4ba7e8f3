using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Execution;

/// <summary>Makes the sinks of a worker: each formats what it has where the formatter can be had for several workers; else the first one formats all.</summary>
internal static class SinkOperators
{
    /// <summary>The end of a keyed table.</summary>
    public static SinkOperator Keyed<TKey, TRow>(OperatorContext context, Node<Keyed<TKey, TRow>> input, IKeyedFormatter<TKey, TRow> formatter, EngineOutput output, string description)
        where TKey : notnull
    {
        var another = context.Workers == 1 ? null : formatter.ForAnotherWorker();
        // A delete and an insert of one key never come from two workers, who could give them out in the wrong order.
        var batch = context.Workers == 1 ? context.BatchOf(input) : another is null ? context.BatchOnOne(input) : context.BatchByKey(input);
        return new KeyedSinkOperator<TKey, TRow>(batch, Own(context, formatter, another), output.Part(context.Worker), description, another is null ? context.StatesOnOne : context.States);
    }

    /// <summary>The end of a table without key.</summary>
    public static SinkOperator Changes<TRow>(OperatorContext context, Node<TRow> input, IChangeFormatter<TRow> formatter, EngineOutput output)
    {
        var another = context.Workers == 1 ? null : formatter.ForAnotherWorker();
        var batch = context.Workers == 1 ? context.BatchOf(input) : another is null ? context.BatchOnOne(input) : context.BatchByRow(input);
        return new ChangeSinkOperator<TRow>(batch, Own(context, formatter, another), output.Part(context.Worker));
    }

    private static TFormatter Own<TFormatter>(OperatorContext context, TFormatter formatter, TFormatter? another) => context.Worker == 0 || another is null ? formatter : another;
}
