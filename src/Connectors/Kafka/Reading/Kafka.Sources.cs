using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <remarks>
/// Sources read exactly once: offsets are part of the pipeline's own commits (no consumer group), only committed transactions are read, and what can't be gone on with (a topic made anew,
/// records deleted before they were read) is refused.
/// </remarks>
public static partial class Kafka
{
    /// <summary>The values of a topic as a stream, in the order of each partition.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="parser">The form of the values; default JSON with the members of the row (<see cref="Parsers.Json{T}"/>).</param>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The topic's name or an option is wrong.</exception>
    public static ISource<TRow> Stream<TRow>(string topic, KafkaSourceOptions options, IParser<TRow>? parser = null) =>
        Source(topic, options, new ValueRecordParser<TRow>(parser ?? Parsers.Json<TRow>()));

    /// <summary>The values of a topic and their metadata (partition, offset, time, key, headers) as a stream, in the order of each partition.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="select">Makes the row of the value and the record.</param>
    /// <param name="parser">The form of the values; default JSON.</param>
    /// <typeparam name="TValue">What the values hold.</typeparam>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The topic's name or an option is wrong.</exception>
    public static ISource<TRow> Stream<TValue, TRow>(string topic, KafkaSourceOptions options, RecordSelector<TValue, TRow> select, IParser<TValue>? parser = null) =>
        Source(topic, options, new SelectedRecordParser<TValue, TRow>(parser ?? Parsers.Json<TValue>(), select));

    /// <summary>A topic of upserts as a keyed table: a record with a value puts its row under its key, one without takes it away.</summary>
    /// <remarks>Records of one key have to be in one partition, as every usual producer has it; the order between partitions isn't defined.</remarks>
    /// <param name="topic">The topic.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="key">The form of the keys; default JSON, as <see cref="Keyed{TKey, TRow}"/> writes them (a text key stands in quotes; else give <see cref="Parsers.Text"/>).</param>
    /// <param name="row">The form of the values; default JSON with the members of the row.</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The topic's name or an option is wrong.</exception>
    public static ISource<Upsert<TKey, TRow>> Table<TKey, TRow>(string topic, KafkaSourceOptions options, IParser<TKey>? key = null, IParser<TRow>? row = null) =>
        Source(topic, options, new KeyedRecordParser<TKey, TRow>(key ?? Parsers.Json<TKey>(), row ?? Parsers.Json<TRow>()));

    /// <summary>A topic read with a parser of one's own, which sees keys, tombstones and metadata.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="parser">Makes rows of records.</param>
    /// <typeparam name="TRow">The row; <see cref="Upsert{TKey, TRow}"/> for a keyed table.</typeparam>
    /// <exception cref="ConfigurationException">The topic's name or an option is wrong.</exception>
    public static ISource<TRow> Source<TRow>(string topic, KafkaSourceOptions options, IRecordParser<TRow> parser) => Source([topic], options, parser);

    /// <summary>Several topics as one source; the order is that of each partition.</summary>
    /// <param name="topics">The topics.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="parser">Makes rows of records.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">A topic's name or an option is wrong, or there is no topic.</exception>
    public static ISource<TRow> Source<TRow>(IReadOnlyList<string> topics, KafkaSourceOptions options, IRecordParser<TRow> parser)
    {
        if (topics.Count == 0) throw new ConfigurationException("No Kafka topic is named to read from.");
        if (topics.GroupBy(t => t).FirstOrDefault(t => t.Count() > 1) is { } twice) throw new ConfigurationException($"The Kafka topic {twice.Key} is named twice.");
        foreach (var topic in topics) TopicNames.Check(topic);
        SourceSettings.Check(options);
        return new KafkaSource<TRow>(new KafkaOrigin(options), topics, parser);
    }

    /// <summary>
    /// The records of a cluster that could not be read as rows. A pipeline that has this source, with the same options as the others, goes on over such records; one that hasn't stops at the first.
    /// Send it to a topic (<see cref="DeadLetterTopic"/>): what was left out is then delivered in the same transaction as what was read beside it.
    /// </summary>
    /// <param name="options">The cluster.</param>
    /// <exception cref="ConfigurationException">An option is wrong.</exception>
    public static ISource<DeadLetter> DeadLetters(KafkaSourceOptions options)
    {
        SourceSettings.Check(options);
        return new DeadLetterSource(new KafkaOrigin(options));
    }

    /// <summary>A topic for dead letters: records as they were, with headers that say why and where from (<see cref="DeadLetter"/>). <c>pathway dlq</c> lists them and sends them back.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="options">The cluster.</param>
    /// <exception cref="ConfigurationException">The topic's name or an option is wrong.</exception>
    public static StreamSink<DeadLetter> DeadLetterTopic(string topic, KafkaOptions options) => Stream(new DeadLetterFormatter(topic), options, $"dead letters {topic}", [topic]);
}
