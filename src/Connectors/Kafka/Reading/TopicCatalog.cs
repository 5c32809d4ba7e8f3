using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>A topic as the cluster has it now.</summary>
/// <param name="Id">Its identity: one that was deleted and made anew has another.</param>
/// <param name="Partitions">How many it has.</param>
internal sealed record FoundTopic(string Id, int Partitions);

/// <summary>Asks the cluster about topics that are read, and where their partitions begin and end.</summary>
internal sealed class TopicCatalog(KafkaSourceOptions options, string pipeline, ILogger logger, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private IAdminClient? _admin;

    private IAdminClient Admin => _admin ??= ClientSettings.Build(
        () => new AdminClientBuilder(ClientSettings.Admin(options.AsClient(), pipeline)).SetLogHandler((_, message) => logger.ClientLog(message.Facility, message.Message))
            .SetErrorHandler((_, error) => logger.ClientLog(error.Code.ToString(), error.Reason)).Build(),
        options.AsClient());

    /// <summary>The topics by name; null for one that doesn't exist or that we may not see.</summary>
    public async Task<IReadOnlyDictionary<string, FoundTopic?>> FindAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        (await TopicSearch.FindAsync(Admin, topics, RequestTimeout, cancellationToken).ConfigureAwait(false))
            .ToDictionary(t => t.Name, t => t.Error.IsError ? null : new FoundTopic(t.TopicId.ToString(), t.Partitions.Count), StringComparer.Ordinal);

    /// <summary>Offsets of some partitions of a topic, in the order of <paramref name="partitions"/>; -1 where there is none, such as at a time behind all records.</summary>
    public async Task<long[]> ListAsync(string topic, IReadOnlyList<int> partitions, OffsetSpec spec, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0) return [];
        try
        {
            var result = await Admin.ListOffsetsAsync(
                partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, p), OffsetSpec = spec }),
                new ListOffsetsOptions { RequestTimeout = RequestTimeout, IsolationLevel = isolation }).WaitAsync(cancellationToken).ConfigureAwait(false);
            var offsets = result.ResultInfos.ToDictionary(i => i.TopicPartitionOffsetError.Partition.Value, i => i.TopicPartitionOffsetError.Offset.Value);
            return [.. partitions.Select(p => offsets[p])];
        }
        catch (ListOffsetsException e)
        {
            var error = e.Result.ResultInfos.First(i => i.TopicPartitionOffsetError.Error.IsError).TopicPartitionOffsetError.Error;
            throw Failure(error, topic, e);
        }
        catch (KafkaException e)
        {
            throw Failure(e.Error, topic, e);
        }
    }

    /// <summary>What the broker does with old records of a topic (<c>cleanup.policy</c>).</summary>
    public async Task<string?> PolicyAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            var described = await Admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }], new DescribeConfigsOptions { RequestTimeout = RequestTimeout }).WaitAsync(cancellationToken).ConfigureAwait(false);
            return described[0].Entries.TryGetValue("cleanup.policy", out var entry) ? entry.Value : null;
        }
        catch (DescribeConfigsException e)
        {
            throw Failure(e.Results[0].Error, topic, e);
        }
        catch (KafkaException e)
        {
            throw Failure(e.Error, topic, e);
        }
    }

    /// <summary>Asks again until the cluster answers; what can't pass by itself is thrown.</summary>
    public async Task<T> UntilAnsweredAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            try
            {
                return await ask(cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectorException e) when (e.IsTransient && !(options.GiveUpAfter is { } limit && time.GetElapsedTime(since) >= limit))
            {
                var delay = TimeSpan.FromSeconds(Math.Min(10, 0.25 * Math.Pow(2, Math.Min(failures, 6))));
                logger.SourceNotReady(e.Message, delay);
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _admin?.Dispose();

    private static PathwayException Failure(Error error, string topic, Exception cause) =>
        // "No leaders found" is what librdkafka says of a topic that was created a moment ago.
        error.Code is ErrorCode.Local_NoEnt or ErrorCode.LeaderNotAvailable
            ? new ConnectorException(string.Create(CultureInfo.InvariantCulture, $"The Kafka topic {topic} has no leader yet ({error.Code})."), cause) { IsTransient = true }
            : KafkaErrors.ToFailure(error, $"Finding offsets of {topic}", cause);
}
