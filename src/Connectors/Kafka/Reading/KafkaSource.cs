using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>A Kafka cluster as a place of reading: all topics that a pipeline reads there, with one position.</summary>
/// <param name="Options">The cluster, and how it is read.</param>
internal sealed record KafkaOrigin(KafkaSourceOptions Options) : ISourceOrigin
{
    public string Partition => $"kafka:{Options.Name}";

    public string Description => $"Kafka {Options}";

    /// <summary>As long as the topics still hold it, which is seen when it is done.</summary>
    public bool ReadsAgain => Options.Start == KafkaStart.Earliest && Options.OnLostRecords == LostRecords.Refuse;

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new KafkaReader(Options, [.. sources.Cast<IKafkaSource>()]);
}

/// <summary>Rows of one type from the records of topics.</summary>
internal interface IKafkaSource
{
    /// <summary>The topics.</summary>
    IReadOnlyList<string> Topics { get; }

    /// <summary>Whether of each key only the last record counts, so that a topic may have lost the others.</summary>
    bool IsKeyed { get; }

    /// <summary>An empty buffer for its rows.</summary>
    IRowBuffer NewBuffer(int rows);

    /// <summary>Adds the rows of a record.</summary>
    /// <exception cref="FormatException">The record holds none.</exception>
    void Parse(in SourceRecord record, IRowBuffer into);
}

/// <inheritdoc/>
internal sealed class KafkaSource<TRow>(KafkaOrigin origin, IReadOnlyList<string> topics, IRecordParser<TRow> parser) : ISource<TRow>, IKafkaSource
{
    public string Name { get; } = string.Join(", ", topics);

    public IReadOnlyList<string> Topics => topics;

    public ISourceOrigin Origin => origin;

    public bool IsKeyed => typeof(TRow).IsGenericType && typeof(TRow).GetGenericTypeDefinition() == typeof(Upsert<,>);

    public IRowBuffer NewBuffer(int rows) => new RowBuffer<TRow>(rows);

    public void Parse(in SourceRecord record, IRowBuffer into) => parser.Parse(record, (RowBuffer<TRow>)into);
}
