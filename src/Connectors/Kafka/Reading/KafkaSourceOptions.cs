namespace Pathway.Connectors.Kafka;

/// <summary>Where reading of a topic begins when a pipeline reads it for the first time.</summary>
public readonly record struct KafkaStart
{
    /// <summary>The time to begin at; null otherwise.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>Whether only what comes from now on is read.</summary>
    public bool IsLatest { get; private init; }

    /// <summary>With the oldest record that is there; the default.</summary>
    public static KafkaStart Earliest => default;

    /// <summary>With what becomes visible from now on.</summary>
    public static KafkaStart Latest => new() { IsLatest = true };

    /// <summary>In each partition with the first record whose time is <paramref name="time"/> or later; where there is none, at the end.</summary>
    public static KafkaStart At(DateTimeOffset time) => new() { Time = time };
}

/// <summary>When the reading of topics ends.</summary>
public enum KafkaEnd
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>At the ends that the partitions had when the pipeline started: for batch jobs and tests. What transactions then open hold back is waited for.</summary>
    AtPresentEnd,
}

/// <summary>What happens when the broker has deleted records (by retention) before they were read.</summary>
public enum LostRecords
{
    /// <summary>The pipeline refuses to go on; the default.</summary>
    Refuse,

    /// <summary>It goes on with the oldest record that is there, and a warning tells how many offsets were skipped.</summary>
    Skip,
}

/// <summary>One Kafka cluster as a place of reading. Compared by value: sources with equal options share one reader.</summary>
public sealed record KafkaSourceOptions
{
    /// <summary>Host:port of some brokers, separated by commas; the same as <c>bootstrap.servers</c> in <see cref="Client"/>.</summary>
    public string BootstrapServers { get; init; } = "";

    /// <summary>Any settings of librdkafka, by its names. Those that exactly-once reading rests on (<c>isolation.level</c>, <c>auto.offset.reset</c> …) are Pathway's own.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();

    /// <summary>Where a topic that is read for the first time begins. Default: with its oldest record. Partitions that a topic gets later are always read from their beginning.</summary>
    public KafkaStart Start { get; init; }

    /// <summary>When reading ends. Default: never.</summary>
    public KafkaEnd Until { get; init; }

    /// <summary>What happens with records that the broker deleted before they were read. Default: refuse.</summary>
    public LostRecords OnLostRecords { get; init; }

    /// <summary>How often new partitions are looked for, and whether the topic is still the same. Default 10 s.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether records are read in batches straight from librdkafka's memory, where that can be had; default true. False takes the managed client's way: about half as fast.</summary>
    public bool NativeBatches { get; init; } = true;

    /// <summary>After failing to reach the cluster at a start for so long the pipeline stops. Null, the default: never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>The cluster's name in the pipeline, part of the durable name of its partition in the frontier; default "kafka". Two clusters in one pipeline need different names.</summary>
    public string Name { get; init; } = "kafka";

    /// <summary>The same cluster as clients see it.</summary>
    internal KafkaOptions AsClient() => new() { BootstrapServers = BootstrapServers, Client = Client, Name = Name };

    /// <inheritdoc/>
    public bool Equals(KafkaSourceOptions? other) =>
        other is not null && Start == other.Start && Until == other.Until && OnLostRecords == other.OnLostRecords && LookEvery == other.LookEvery && GiveUpAfter == other.GiveUpAfter
        && NativeBatches == other.NativeBatches && AsClient() == other.AsClient();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(BootstrapServers, Start, Until, OnLostRecords, Name, Client.Count);

    /// <summary>Name and brokers; no settings, since they may hold secrets.</summary>
    public override string ToString() => AsClient().ToString();
}
