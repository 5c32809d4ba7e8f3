using System.Globalization;
using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Settings of the clients: the user's, ours where the user says nothing, and those that delivery rests on, which are ours alone.</summary>
internal static class ClientSettings
{
    /// <summary>How much of <c>retry.backoff.ms</c> a first retry waits at least: librdkafka varies it by a fifth.</summary>
    private const double ShortestBackoff = 0.8;

    private static readonly TimeSpan TransactionTimeoutLeast = TimeSpan.FromSeconds(60);

    /// <summary>Setting and the values that a user may repeat; none where the value is made by us.</summary>
    private static readonly Dictionary<string, string[]> Owned = new(StringComparer.Ordinal)
    {
        ["transactional.id"] = [],
        ["enable.idempotence"] = ["true"],
        ["acks"] = ["all", "-1"],
        ["request.required.acks"] = ["all", "-1"],
        ["partitioner"] = ["murmur2_random"],
        ["isolation.level"] = ["read_committed"],
        ["enable.auto.commit"] = ["false"],
        ["enable.partition.eof"] = ["true"],
        ["auto.offset.reset"] = ["earliest"],
        ["allow.auto.create.topics"] = ["false"],
        // Lost connections have to be reported: they decide whether a commit may have been sent twice.
        ["log.connection.close"] = ["true"],
        ["enable.gapless.guarantee"] = ["false"],
        ["group.id"] = [],
        ["group.instance.id"] = [],
    };

    /// <summary>
    /// Measured with 300 B JSON rows on one machine: lz4, zstd and none cost the client the same CPU, so the network and the broker's disk decide; lz4 is what every client reads.
    /// A linger below 5 ms makes transactions of one row no shorter, since flushing sends at once.
    /// </summary>
    private static readonly Dictionary<string, string> ProducerDefaults = new(StringComparer.Ordinal)
    {
        ["compression.type"] = "lz4",
        ["linger.ms"] = "5",
        ["queue.buffering.max.messages"] = "500000",
        // Of keys and values; with its headers and its own bookkeeping the client holds about twice as much.
        ["queue.buffering.max.kbytes"] = "65536",
        // Also what tells a commit that was surely sent once (CommitWithoutRetry): long enough that a busy broker doesn't look like a lost connection.
        ["retry.backoff.ms"] = "500",
        ["retry.backoff.max.ms"] = "2000",
        ["socket.nagle.disable"] = "true",
    };

    private static readonly string[] ProducerOnly =
    [
        "compression.", "linger.ms", "queue.buffering.", "transaction.timeout.ms", "message.timeout.ms", "delivery.timeout.ms", "batch.", "partitioner", "message.send.max.retries", "retries",
        "sticky.partitioning.linger.ms", "acks", "request.required.acks", "enable.idempotence", "enable.gapless.guarantee", "request.timeout.ms", "transactional.id",
    ];

    private static readonly string[] SecretWords = ["password", "secret", "key", "pem", "token", "jaas", "sasl.oauthbearer"];

    public static string BootstrapServersOf(KafkaOptions options) =>
        options.BootstrapServers.Length > 0 ? options.BootstrapServers : options.Client.GetValueOrDefault("bootstrap.servers") ?? options.Client.GetValueOrDefault("metadata.broker.list") ?? "";

    /// <exception cref="ConfigurationException">A setting that is ours, no broker named, partitions out of range, or a transaction that could outlive its limit.</exception>
    public static void Check(KafkaOptions options)
    {
        if (BootstrapServersOf(options).Length == 0)
            throw new ConfigurationException("No Kafka broker is named. Set BootstrapServers, or bootstrap.servers in the client settings, to host:port.");
        if (options.BootstrapServers.Length > 0 && options.Client.TryGetValue("bootstrap.servers", out var also) && also != options.BootstrapServers)
            throw new ConfigurationException($"Kafka brokers are named twice, and differently: BootstrapServers '{options.BootstrapServers}', client setting bootstrap.servers '{also}'. Name them once.");
        if (options.Partitions < 1) throw new ConfigurationException($"Topics can't be created with {options.Partitions} partitions; at least 1.");
        if (options.Name.Length == 0 || TopicNames.Problem(options.Name) is not null)
            throw new ConfigurationException($"'{options.Name}' can't be the name of a target; letters, digits, '.', '_' and '-' can.");
        if (options.DeadLetters is { } letters) TopicNames.Check(letters);
        foreach (var (setting, value) in options.Client)
        {
            if (Owned.TryGetValue(setting, out var allowed) && !allowed.Contains(value))
            {
                throw new ConfigurationException(
                    $"The Kafka client setting {setting} can't be set: exactly-once delivery rests on it" + (allowed.Length > 0 ? $" being '{allowed[0]}'." : ", and Pathway makes it from the pipeline's name.") + " Take it out.");
            }
        }

        if (TransactionTimeout(options) < options.Limits.TimeOrDefault * 1.5)
        {
            throw new ConfigurationException(
                $"The Kafka client setting transaction.timeout.ms ({TransactionTimeout(options).TotalMilliseconds:0}) has to be at least one and a half times the limit of a transaction's time "
                + $"({options.Limits.TimeOrDefault.TotalSeconds:0.#} s), or the broker would abort transactions that are still being filled. Raise the one or lower the other.");
        }
    }

    /// <summary>After how long the broker aborts a transaction that isn't ended: well above the limit that the caller keeps to.</summary>
    public static TimeSpan TransactionTimeout(KafkaOptions options) =>
        options.Client.TryGetValue("transaction.timeout.ms", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : TimeSpan.FromTicks(Math.Max(TransactionTimeoutLeast.Ticks, 3 * options.Limits.TimeOrDefault.Ticks));

    /// <summary>A commit that took longer than this may have been sent twice by librdkafka (protocol 3, I9).</summary>
    public static TimeSpan CommitWithoutRetry(ProducerConfig config) =>
        TimeSpan.FromMilliseconds(ShortestBackoff * (int.TryParse(config.Get("retry.backoff.ms"), CultureInfo.InvariantCulture, out var backoff) ? backoff : 100));

    /// <summary>For the one producer.</summary>
    /// <param name="options">The user's.</param>
    /// <param name="pipeline">The pipeline's name.</param>
    /// <param name="limits">What the topics allow, as far as it is known.</param>
    public static ProducerConfig Producer(KafkaOptions options, string pipeline, SizeLimits limits)
    {
        var config = new ProducerConfig();
        foreach (var (setting, value) in ProducerDefaults) config.Set(setting, value);
        // A batch above a topic's limit would be refused as a whole, and a record up to it has to pass the client's own check.
        config.Set("batch.size", limits.Batch.ToString(CultureInfo.InvariantCulture));
        config.Set("message.max.bytes", limits.Message.ToString(CultureInfo.InvariantCulture));
        Common(config, options, pipeline, options.Client);
        config.Set("transactional.id", $"{pipeline}.{options.Name}");
        config.Set("transaction.timeout.ms", TransactionTimeout(options).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
        config.Set("enable.idempotence", "true");
        config.Set("acks", "all");
        // The Java client's partitioner: other writers and joiners of these topics expect a key where it puts it.
        config.Set("partitioner", "murmur2_random");
        config.EnableDeliveryReports = false;
        return config;
    }

    /// <summary>For readers of the progress topic.</summary>
    public static ConsumerConfig Consumer(KafkaOptions options, string pipeline)
    {
        var config = new ConsumerConfig();
        Common(config, options, pipeline, ForReaders(options));
        config.Set("group.id", $"{pipeline}.{options.Name}");
        config.Set("enable.auto.commit", "false");
        config.Set("enable.partition.eof", "true");
        config.Set("isolation.level", "read_committed");
        config.Set("auto.offset.reset", "earliest");
        config.Set("fetch.wait.max.ms", "50");
        return config;
    }

    /// <summary>For topics and their settings.</summary>
    public static AdminClientConfig Admin(KafkaOptions options, string pipeline)
    {
        var config = new AdminClientConfig();
        Common(config, options, pipeline, ForReaders(options));
        return config;
    }

    /// <summary>Makes a client; what librdkafka says about a wrong setting becomes a sentence, without the value where it may be a secret.</summary>
    public static TClient Build<TClient>(Func<TClient> build, KafkaOptions options)
    {
        try
        {
            return build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            var secret = options.Client.FirstOrDefault(s => s.Value.Length > 0 && IsSecret(s.Key) && e.Message.Contains(s.Value, StringComparison.Ordinal)).Key;
            throw new ConfigurationException(secret is null ? $"The Kafka client refuses its settings: {e.Message}." : $"The Kafka client refuses the value of {secret}.");
        }
    }

    internal static void Common(ClientConfig config, KafkaOptions options, string pipeline, IEnumerable<KeyValuePair<string, string>> settings)
    {
        config.ClientId = $"pathway-{pipeline}";
        config.AllowAutoCreateTopics = false;
        foreach (var (setting, value) in settings) config.Set(setting, value);
        config.BootstrapServers = BootstrapServersOf(options);
    }

    internal static IEnumerable<KeyValuePair<string, string>> ForReaders(KafkaOptions options) =>
        options.Client.Where(s => !ProducerOnly.Any(only => only.EndsWith('.') ? s.Key.StartsWith(only, StringComparison.Ordinal) : s.Key == only));

    private static bool IsSecret(string setting) => SecretWords.Any(word => setting.Contains(word, StringComparison.Ordinal));
}

/// <summary>How large records and batches of one producer may be.</summary>
/// <param name="Message">The largest record, in bytes. Not simply huge: librdkafka allocates up to this much for every batch.</param>
/// <param name="Batch">The largest batch, in bytes.</param>
internal readonly record struct SizeLimits(int Message, int Batch)
{
    /// <summary>Kafka's usual limit for a record or batch.</summary>
    public const int Usual = 1_048_588;

    /// <summary>Before any topic is known.</summary>
    public static SizeLimits Default => new(Usual, 1_000_000);
}
