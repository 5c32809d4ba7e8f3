using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Turns the rows of a stream into records of a target, in order. Synchronous; called by one thread at a time.</summary>
/// <typeparam name="TRow">The rows of the stream.</typeparam>
public interface IStreamFormatter<TRow>
{
    /// <summary>Appends the records for <paramref name="rows"/> to <paramref name="output"/>: none, one or several for a row.</summary>
    void Format(ReadOnlySpan<TRow> rows, OutputBuffer output);
}

/// <summary>Turns the changes of a keyed table into records of a target. Synchronous; called by one thread at a time.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public interface IKeyedFormatter<TKey, TRow>
{
    /// <summary>The row under <paramref name="key"/> is now <paramref name="row"/>.</summary>
    void Upsert(in TKey key, in TRow row, OutputBuffer output);

    /// <summary>No row stands under <paramref name="key"/> any more.</summary>
    void Delete(in TKey key, OutputBuffer output);

    /// <summary>Another one that does the same, for another worker. Default null: there can only be one, and all rows come to one worker.</summary>
    IKeyedFormatter<TKey, TRow>? ForAnotherWorker() => null;
}

/// <summary>Turns the changes of a table without key into records with time and diff. Synchronous; called by one thread at a time.</summary>
/// <typeparam name="TRow">The row.</typeparam>
public interface IChangeFormatter<TRow>
{
    /// <summary>Appends a record for a row that came or went <paramref name="weight"/> times at <paramref name="time"/>.</summary>
    void Format(in TRow row, long weight, Epoch time, OutputBuffer output);

    /// <summary>Another one that does the same, for another worker. Default null: there can only be one, and all rows come to one worker.</summary>
    IChangeFormatter<TRow>? ForAnotherWorker() => null;
}

/// <summary>Where the output of a keyed table goes: a target, and the form of the records.</summary>
/// <param name="Target">Makes the target; sinks with equal factories (<see cref="ITargetFactory"/>) share one.</param>
/// <param name="Formatter">The form.</param>
/// <param name="Description">For people and for the plan: "topic order-totals".</param>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed record KeyedSink<TKey, TRow>(ITargetFactory Target, IKeyedFormatter<TKey, TRow> Formatter, string Description)
{
    /// <summary>Topics, tables or files that it writes, as far as they are known beforehand; they go into <see cref="TargetContext.Destinations"/> and are checked before anything is read.</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];
}

/// <summary>Where a stream goes.</summary>
/// <param name="Target">Makes the target.</param>
/// <param name="Formatter">The form.</param>
/// <param name="Description">For people and for the plan.</param>
/// <typeparam name="TRow">The rows of the stream.</typeparam>
public sealed record StreamSink<TRow>(ITargetFactory Target, IStreamFormatter<TRow> Formatter, string Description)
{
    /// <summary>Topics, tables or files that it writes, as far as they are known beforehand; they go into <see cref="TargetContext.Destinations"/> and are checked before anything is read.</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];
}

/// <summary>Where the changes of a table without key go.</summary>
/// <param name="Target">Makes the target.</param>
/// <param name="Formatter">The form.</param>
/// <param name="Description">For people and for the plan.</param>
/// <typeparam name="TRow">The row.</typeparam>
public sealed record ChangeSink<TRow>(ITargetFactory Target, IChangeFormatter<TRow> Formatter, string Description)
{
    /// <summary>Topics, tables or files that it writes, as far as they are known beforehand; they go into <see cref="TargetContext.Destinations"/> and are checked before anything is read.</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];
}

/// <summary>A target, described: compared by value, so that several sinks into one Kafka cluster share one transaction.</summary>
public interface ITargetFactory
{
    /// <summary>The target's name in the pipeline ("kafka"); two different targets of a pipeline need different names.</summary>
    string Name { get; }

    /// <summary>Makes the target.</summary>
    ITarget Open(TargetContext context);
}

/// <summary>What a target gets to work with.</summary>
/// <param name="PipelineName">The pipeline's name; transactional ids and progress topics carry it.</param>
/// <param name="Pipeline">The pipeline's identity.</param>
/// <param name="Destinations">Topics, tables or files that this pipeline writes and can name beforehand.</param>
/// <param name="Logger">Log for people.</param>
/// <param name="Time">The clock.</param>
public sealed record TargetContext(string PipelineName, PipelineId Pipeline, IReadOnlyList<string> Destinations, Microsoft.Extensions.Logging.ILogger Logger, TimeProvider Time);
