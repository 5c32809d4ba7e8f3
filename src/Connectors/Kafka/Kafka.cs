using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Sources from Kafka and sinks into it, exactly once: all topics of a commit become visible together to readers with <c>isolation.level=read_committed</c>.</summary>
public static partial class Kafka
{
    /// <summary>A keyed table as a topic of upserts and tombstones.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="formatter">The form of key and value; default JSON (<see cref="JsonKeyedFormatter{TKey, TRow}"/>).</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <exception cref="ConfigurationException">The topic's name or an option is wrong.</exception>
    public static KeyedSink<TKey, TRow> Keyed<TKey, TRow>(string topic, KafkaOptions options, IKeyedFormatter<TKey, TRow>? formatter = null)
    {
        TopicNames.Check(topic);
        return new(Target(options), formatter ?? new JsonKeyedFormatter<TKey, TRow>(topic), $"topic {topic}") { Destinations = [topic] };
    }

    /// <summary>A stream as the records that <paramref name="formatter"/> makes of it, in order for each key.</summary>
    /// <param name="formatter">The form; it also names the topics.</param>
    /// <param name="options">The cluster.</param>
    /// <param name="description">For people and for the plan: "topics shop.*".</param>
    /// <param name="topics">The topics that it writes, as far as they are known beforehand.</param>
    /// <typeparam name="TRow">The rows of the stream.</typeparam>
    /// <exception cref="ConfigurationException">A topic's name or an option is wrong.</exception>
    public static StreamSink<TRow> Stream<TRow>(IStreamFormatter<TRow> formatter, KafkaOptions options, string description, IReadOnlyList<string>? topics = null)
    {
        foreach (var topic in topics ?? []) TopicNames.Check(topic);
        return new(Target(options), formatter, description) { Destinations = topics ?? [] };
    }

    /// <summary>The cluster as a target.</summary>
    /// <exception cref="ConfigurationException">An option is wrong.</exception>
    public static ITargetFactory Target(KafkaOptions options)
    {
        ClientSettings.Check(options);
        return new KafkaTargetFactory(options);
    }
}

/// <summary>Equal options make equal factories.</summary>
internal sealed record KafkaTargetFactory(KafkaOptions Options) : ITargetFactory
{
    public string Name => Options.Name;

    public ITarget Open(TargetContext context) => new KafkaTarget(Options, context);
}
