using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Pathway.Tests.Integration.Servers;

/// <summary>A record as it stands in a topic.</summary>
public sealed record TopicRecord(string Topic, int Partition, long Offset, byte[]? Key, byte[]? Value, IReadOnlyList<(string Name, byte[]? Value)> Headers, DateTime Time)
{
    public string? KeyText => Key is null ? null : Encoding.UTF8.GetString(Key);

    public string? ValueText => Value is null ? null : Encoding.UTF8.GetString(Value);
}

/// <summary>Reads topics to their end.</summary>
public static class TopicReader
{
    /// <summary>Reads from the beginning until each partition's position has reached the high watermark that stood when the call began.</summary>
    /// <remarks>
    /// Transactions leave control records at the end, so the last record is not the end: the end-of-partition event's offset is. While a transaction is open, a read_committed
    /// reader stops before it; the call then waits until it has ended, or throws after <paramref name="timeout"/>.
    /// </remarks>
    /// <param name="bootstrapServers">The broker.</param>
    /// <param name="topic">The topic; it has to exist.</param>
    /// <param name="readCommitted">False: also what was aborted or is still open.</param>
    /// <param name="stopAtLastStable">True: don't wait for open transactions.</param>
    /// <param name="timeout">How long nothing may come; default 60 s.</param>
    public static Task<IReadOnlyList<TopicRecord>> ReadAllAsync(string bootstrapServers, string topic, bool readCommitted = true, bool stopAtLastStable = false, TimeSpan? timeout = null) =>
        ReadAllAsync(bootstrapServers, [topic], readCommitted, stopAtLastStable, timeout);

    /// <summary>As for one topic; the records come topic by topic, partition by partition.</summary>
    public static Task<IReadOnlyList<TopicRecord>> ReadAllAsync(string bootstrapServers, IReadOnlyList<string> topics, bool readCommitted = true, bool stopAtLastStable = false, TimeSpan? timeout = null) =>
        Task.Run(async () =>
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler(static (_, _) => { }).Build();
            var metadata = topics.Select(topic => admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics.Single()).ToList();
            if (metadata.Find(t => t.Error.IsError) is { } missing) throw new KafkaException(missing.Error);
            var specs = metadata.SelectMany(t => t.Partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(t.Topic, p.PartitionId), OffsetSpec = OffsetSpec.Latest() })).ToList();
            // A broker that has just started may not lead its partitions yet.
            var ends = await Eventually.SucceedsAsync(
                () => admin.ListOffsetsAsync(specs, new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = TimeSpan.FromSeconds(20) }), "the ends of partitions are told");
            var high = ends.ResultInfos.ToDictionary(i => i.TopicPartitionOffsetError.TopicPartition, i => i.TopicPartitionOffsetError.Offset.Value);
            return Read(bootstrapServers, high, readCommitted, stopAtLastStable, timeout ?? TimeSpan.FromSeconds(60));
        });

    private static IReadOnlyList<TopicRecord> Read(string bootstrapServers, Dictionary<TopicPartition, long> high, bool readCommitted, bool stopAtLastStable, TimeSpan timeout)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "reader-of-tests", EnableAutoCommit = false, EnablePartitionEof = true, AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = readCommitted ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted, FetchWaitMaxMs = 20,
        };
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler(static (_, _) => { }).Build();
        // A number: to find out where the beginning is, librdkafka would wait for half a second. Where older records are gone it goes on with the oldest.
        consumer.Assign(high.Keys.Select(p => new TopicPartitionOffset(p, 0)));
        var open = high.Where(h => h.Value > 0).Select(h => h.Key).ToHashSet();
        var records = new List<TopicRecord>();
        var since = Stopwatch.StartNew();
        while (open.Count > 0)
        {
            if (since.Elapsed > timeout)
            {
                throw new TimeoutException($"{string.Join(", ", open)} weren't read to the end, and nothing came for {timeout.TotalSeconds:0} s: "
                    + string.Join(", ", open.Select(p => $"position {consumer.Position(p)} of {high[p]}")) + ". An open transaction?");
            }

            if (consumer.Consume(100) is not { } result) continue;
            since.Restart();
            if (!result.IsPartitionEOF)
                records.Add(new TopicRecord(result.Topic, result.Partition.Value, result.Offset, result.Message.Key, result.Message.Value, [.. result.Message.Headers.Select(h => (h.Key, (byte[]?)h.GetValueBytes()))], result.Message.Timestamp.UtcDateTime));
            else if (stopAtLastStable || result.Offset >= high[result.TopicPartition])
                open.Remove(result.TopicPartition);
        }

        consumer.Close();
        return [.. records.OrderBy(r => r.Topic, StringComparer.Ordinal).ThenBy(r => r.Partition).ThenBy(r => r.Offset)];
    }
}
