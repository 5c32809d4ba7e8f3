using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>What happens with a topic that doesn't exist.</summary>
public enum TopicCreation
{
    /// <summary>It is created, with <see cref="KafkaOptions.Partitions"/>.</summary>
    Create,

    /// <summary>The pipeline refuses to write to it.</summary>
    MustExist,
}

/// <summary>One Kafka cluster as a target. Compared by value: sinks with equal options share one producer and one transaction.</summary>
public sealed record KafkaOptions
{
    /// <summary>Host:port of some brokers, separated by commas; the same as <c>bootstrap.servers</c> in <see cref="Client"/>.</summary>
    public string BootstrapServers { get; init; } = "";

    /// <summary>Any settings of librdkafka, by its names. Those that delivery rests on (<c>transactional.id</c>, <c>acks</c>, <c>partitioner</c> …) are Pathway's own.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();

    /// <summary>What happens with topics that don't exist; default: they are created.</summary>
    public TopicCreation Topics { get; init; } = TopicCreation.Create;

    /// <summary>Partitions of topics that are created; default 3. Their replication is the cluster's default.</summary>
    public int Partitions { get; init; } = 3;

    /// <summary>The topic, in the same cluster, for records that are too large for theirs: they go there, in parts, in the transaction of the records beside them. Default null: the first one stops the pipeline.</summary>
    public string? DeadLetters { get; init; }

    /// <summary>Limits of one transaction.</summary>
    public TransactionLimits Limits { get; init; } = new();

    /// <summary>The target's name in the pipeline, part of its durable identity; default "kafka". Two clusters in one pipeline need different names.</summary>
    public string Name { get; init; } = "kafka";

    /// <inheritdoc/>
    public bool Equals(KafkaOptions? other) =>
        other is not null && BootstrapServers == other.BootstrapServers && Topics == other.Topics && Partitions == other.Partitions && Limits == other.Limits && DeadLetters == other.DeadLetters && Name == other.Name
        && Client.Count == other.Client.Count && Client.All(setting => other.Client.TryGetValue(setting.Key, out var value) && value == setting.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(BootstrapServers, Topics, Partitions, Limits, Name, Client.Count);

    /// <summary>Name and brokers; no settings, since they may hold secrets.</summary>
    public override string ToString() => $"{Name} at {ClientSettings.BootstrapServersOf(this)}";
}
