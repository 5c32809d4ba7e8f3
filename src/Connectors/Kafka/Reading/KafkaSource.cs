using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>A Kafka cluster as a place of reading: all topics that a pipeline reads there, with one position.</summary>
/// <param name="Options">The cluster, and how it is read.</param>
internal sealed record KafkaOrigin(KafkaSourceOptions Options) : IKeptOrigin
{
    public string Partition => $"kafka:{Options.Name}";

    public string Description => $"Kafka {Options}";

    /// <summary>Whether the topics still hold it is seen when it is done.</summary>
    public string? WhyNotAgain(Position? from, Position? to)
    {
        if (from is null && Options.Start != KafkaStart.Earliest) return "reading didn't begin with its oldest record";
        if (from is null && Options.OnLostRecords != LostRecords.Refuse) return "records that were lost may have been skipped";
        if (to is not { } end) return null;
        var (began, ends) = (from is { } at ? KafkaPosition.Parse(at).Topics : KafkaPosition.Empty.Topics, KafkaPosition.Parse(end).Topics);
        foreach (var (topic, before) in began)
        {
            if (!ends.TryGetValue(topic, out var after)) return $"topic {topic} wasn't read then";
            if (after.Id != before.Id) return $"topic {topic} was another one";
            if (after.Next.Count < before.Next.Count || before.Next.Zip(after.Next).Any(n => n.First > n.Second)) return $"topic {topic} was read further than that";
        }

        return null;
    }

    public bool IsInOrder(Position to) => KafkaPosition.Parse(to).Topics.Sum(t => t.Value.Next.Count) == 1;

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
