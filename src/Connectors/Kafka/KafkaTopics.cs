using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>The topics of one target: which exist, what they allow; creates what is missing where that is wanted.</summary>
/// <remarks>Invariant: a topic in <see cref="Known"/> existed when it was last looked at. Used by one caller at a time.</remarks>
internal sealed class KafkaTopics(KafkaOptions options, string pipeline, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10), LeaderPoll = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan DescribeAgainAfter = TimeSpan.FromMilliseconds(100);

    private const int DescribeAttempts = 20;

    /// <summary>What a batch needs beside its records, and a record beside key, value and headers.</summary>
    private const int BatchOverhead = 512;

    private readonly Dictionary<string, int> _sizeMaxByTopic = new(StringComparer.Ordinal);
    private IAdminClient? _admin;

    /// <summary>The client for topics and offsets.</summary>
    public IAdminClient Admin => _admin ??= Open();

    /// <summary>Whether the topic was found or created.</summary>
    public bool IsKnown(string topic) => _sizeMaxByTopic.ContainsKey(topic);

    /// <summary>The largest record that the topic takes, in bytes of key, value and headers; only for known topics.</summary>
    public int MessageSizeMax(string topic) => _sizeMaxByTopic[topic];

    /// <summary>What suits all known topics: records up to the largest limit, batches up to the smallest.</summary>
    public SizeLimits Limits => _sizeMaxByTopic.Values.Aggregate(SizeLimits.Default, (limits, max) => new(Math.Max(limits.Message, max), Math.Min(limits.Batch, max)));

    /// <summary>The topics that were found or created so far.</summary>
    public IReadOnlyCollection<string> Known => _sizeMaxByTopic.Keys;

    /// <summary>Makes sure that all of <paramref name="topics"/> exist now, and learns their limits.</summary>
    /// <exception cref="RefusalException">A topic is missing and isn't to be created.</exception>
    public async Task EnsureAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        if (topics.Count == 0) return;
        foreach (var topic in topics) TopicNames.Check(topic);
        var missing = await FindMissingAsync(topics, cancellationToken).ConfigureAwait(false);
        if (missing.Count > 0 && options.Topics == TopicCreation.MustExist)
        {
            throw new RefusalException(
                $"Kafka topic{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)} missing", "no such topic, or no right to see it", "existing topics, since topics are to exist (must-exist)",
                "Create them, or let Pathway create topics.");
        }

        foreach (var topic in missing) await CreateAsync(topic, options.Partitions, [], cancellationToken).ConfigureAwait(false);
        await LearnLimitsAsync(topics, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at the limits of all known topics again; gives one that takes smaller records than before, null if none does.</summary>
    public async Task<string?> TakeLessAsync(CancellationToken cancellationToken)
    {
        var before = _sizeMaxByTopic.ToDictionary();
        await LearnLimitsAsync(before.Keys, cancellationToken).ConfigureAwait(false);
        return before.Where(t => _sizeMaxByTopic[t.Key] < t.Value).Select(t => t.Key).FirstOrDefault();
    }

    /// <summary>Those of <paramref name="topics"/> that don't exist.</summary>
    public async Task<IReadOnlyList<string>> FindMissingAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        [.. (await TopicSearch.FindAsync(Admin, topics, RequestTimeout, cancellationToken).ConfigureAwait(false)).Where(t => t.Error.IsError).Select(t => t.Name)];

    /// <summary>Creates a topic with the cluster's default replication; one that exists meanwhile is fine.</summary>
    public async Task CreateAsync(string topic, int partitions, Dictionary<string, string> configs, CancellationToken cancellationToken)
    {
        try
        {
            await Admin.CreateTopicsAsync(
                [new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1, Configs = configs }],
                new CreateTopicsOptions { RequestTimeout = RequestTimeout, OperationTimeout = RequestTimeout }).WaitAsync(cancellationToken).ConfigureAwait(false);
            logger.TopicCreated(topic, partitions);
        }
        catch (CreateTopicsException e)
        {
            if (e.Results[0].Error.Code != ErrorCode.TopicAlreadyExists) throw KafkaErrors.ToFailure(e.Results[0].Error, $"Creating the Kafka topic {topic}", e);
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, $"Creating the Kafka topic {topic}", e);
        }
    }

    /// <summary>A topic's settings; null where we may not see them.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        (await DescribeAsync([topic], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(topic);

    /// <summary>Where a partition ends, whatever transactions are open in it. Waits while a new topic has no leader yet.</summary>
    public async Task<long> FindEndAsync(string topic, CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.StartNew(); ; await Task.Delay(LeaderPoll, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var result = await Admin.ListOffsetsAsync(
                    [new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, 0), OffsetSpec = OffsetSpec.Latest() }],
                    new ListOffsetsOptions { RequestTimeout = RequestTimeout, IsolationLevel = IsolationLevel.ReadUncommitted }).WaitAsync(cancellationToken).ConfigureAwait(false);
                return result.ResultInfos[0].TopicPartitionOffsetError.Offset;
            }
            catch (ListOffsetsException e)
            {
                var error = e.Result.ResultInfos[0].TopicPartitionOffsetError.Error;
                if (!HasNoLeaderYet(error, since.Elapsed)) throw KafkaErrors.ToFailure(error, $"Finding the end of {topic}", e);
            }
            catch (KafkaException e)
            {
                if (!HasNoLeaderYet(e.Error, since.Elapsed)) throw KafkaErrors.ToFailure(e.Error, $"Finding the end of {topic}", e);
            }
        }
    }

    // "No leaders found" is what librdkafka says of a topic that was created a moment ago.
    private static bool HasNoLeaderYet(Error error, TimeSpan waited) =>
        waited < RequestTimeout && error.Code is (ErrorCode.Local_NoEnt or ErrorCode.LeaderNotAvailable);

    /// <summary>Gives the client up; the next call makes a fresh one.</summary>
    public void Disconnect()
    {
        _admin?.Dispose();
        _admin = null;
    }

    public void Dispose() => Disconnect();

    private async Task LearnLimitsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var configs = await DescribeAsync(topics, cancellationToken).ConfigureAwait(false);
        // The broker that is asked may not have heard yet of a topic that was created a moment ago.
        for (var attempt = 0; configs.Count < topics.Count && attempt < DescribeAttempts; attempt++)
        {
            await Task.Delay(DescribeAgainAfter, cancellationToken).ConfigureAwait(false);
            configs = await DescribeAsync(topics, cancellationToken).ConfigureAwait(false);
        }

        var ofClient = options.Client.TryGetValue("message.max.bytes", out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var set) ? set : int.MaxValue;
        foreach (var topic in topics)
        {
            var known = configs.GetValueOrDefault(topic)?.GetValueOrDefault("max.message.bytes");
            _sizeMaxByTopic[topic] = int.TryParse(known, CultureInfo.InvariantCulture, out var bytes) ? Math.Max(1, Math.Min(bytes, ofClient) - BatchOverhead) : SizeLimits.Default.Batch;
        }
    }

    private async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> DescribeAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            var results = await Admin.DescribeConfigsAsync(
                topics.Select(topic => new ConfigResource { Name = topic, Type = ResourceType.Topic }), new DescribeConfigsOptions { RequestTimeout = RequestTimeout }).WaitAsync(cancellationToken).ConfigureAwait(false);
            return Readable(results.Select(r => (r.ConfigResource.Name, (IReadOnlyDictionary<string, ConfigEntryResult>)r.Entries)));
        }
        catch (DescribeConfigsException e) when (e.Results.All(r => !r.Error.IsError || r.Error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.UnknownTopicOrPart))
        {
            return Readable(e.Results.Where(r => !r.Error.IsError).Select(r => (r.ConfigResource.Name, (IReadOnlyDictionary<string, ConfigEntryResult>)r.Entries)));
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, "Reading settings of Kafka topics", e);
        }
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> Readable(IEnumerable<(string Topic, IReadOnlyDictionary<string, ConfigEntryResult> Entries)> results) =>
        results.ToDictionary(r => r.Topic, r => (IReadOnlyDictionary<string, string>)r.Entries.ToDictionary(e => e.Key, e => e.Value.Value ?? ""), StringComparer.Ordinal);

    private IAdminClient Open() => ClientSettings.Build(
        () => new AdminClientBuilder(ClientSettings.Admin(options, pipeline)).SetLogHandler((_, message) => logger.ClientLog(message.Facility, message.Message))
            .SetErrorHandler((_, error) => logger.ClientLog(error.Code.ToString(), error.Reason)).Build(),
        options);
}
