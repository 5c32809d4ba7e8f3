using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>The compacted topic that holds a pipeline's markers: one partition, the latest marker of each target under the target's name.</summary>
internal sealed class ProgressTopic(KafkaOptions options, string pipeline, KafkaTopics topics, ILogger logger)
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200), WarningAfter = TimeSpan.FromSeconds(5);

    /// <summary>Its name.</summary>
    public string Name { get; } = TopicNames.Progress(pipeline);

    /// <summary>The key of a target's markers.</summary>
    public static byte[] Key(string target, int part) => Encoding.UTF8.GetBytes(part == 0 ? target : $"{target}/{part}");

    /// <summary>Creates it unless it exists, and verifies that it keeps the latest record of each key for ever.</summary>
    /// <exception cref="RefusalException">It doesn't.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        TopicNames.Check(Name);
        if ((await topics.FindMissingAsync([Name], cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            var configs = new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["segment.bytes"] = "1048576" };
            await topics.CreateAsync(Name, partitions: 1, configs, cancellationToken).ConfigureAwait(false);
        }

        // The broker that is asked may not have heard yet of a topic that was created a moment ago.
        var settings = await topics.DescribeAsync(Name, cancellationToken).ConfigureAwait(false);
        for (var attempt = 0; settings is null && attempt < 20; attempt++)
        {
            await Task.Delay(Slice, cancellationToken).ConfigureAwait(false);
            settings = await topics.DescribeAsync(Name, cancellationToken).ConfigureAwait(false);
        }

        var policy = settings is null ? "its settings can't be read" : $"cleanup.policy={settings.GetValueOrDefault("cleanup.policy")}";
        if (policy != "cleanup.policy=compact")
        {
            throw new RefusalException(
                $"the progress topic {Name} may lose markers", policy, "cleanup.policy=compact, and the right to describe it",
                $"Run kafka-configs.sh --alter --topic {Name} --add-config cleanup.policy=compact, or grant DescribeConfigs on it.");
        }
    }

    /// <summary>Reads the last committed marker under <paramref name="key"/>.</summary>
    /// <param name="key">The target's.</param>
    /// <param name="from">Where to begin: an offset that no later marker of ours lies before; 0 for the beginning.</param>
    /// <param name="patience">How long to wait for the end while an open transaction holds it back; null for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The marker, null if there is none, and the offset of the end.</returns>
    public async Task<(Marker? Marker, long End)> ReadAsync(byte[] key, long from, TimeSpan? patience, CancellationToken cancellationToken)
    {
        var end = await topics.FindEndAsync(Name, cancellationToken).ConfigureAwait(false);
        if (end == 0) return (null, end);
        var marker = await Task.Run(() => Read(key, from <= end ? from : 0, end, patience, cancellationToken), cancellationToken).ConfigureAwait(false);
        // The hint was given by a topic of this name; if it was deleted and made anew, older offsets may hold what we look for.
        if (marker is null && from > 0) marker = await Task.Run(() => Read(key, 0, end, patience, cancellationToken), cancellationToken).ConfigureAwait(false);
        return (marker is null ? null : Marker.FromJson(marker), end);
    }

    private byte[]? Read(byte[] key, long from, long end, TimeSpan? patience, CancellationToken cancellationToken)
    {
        using var consumer = ClientSettings.Build(
            () => new ConsumerBuilder<byte[]?, byte[]?>(ClientSettings.Consumer(options, pipeline)).SetLogHandler((_, message) => logger.ClientLog(message.Facility, message.Message))
                .SetErrorHandler((_, error) => logger.ClientLog(error.Code.ToString(), error.Reason)).Build(),
            options);
        try
        {
            consumer.Assign(new TopicPartitionOffset(Name, 0, from));
            return Read(consumer, key, end, patience, cancellationToken);
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, $"Reading {Name}", e);
        }
    }

    /// <remarks>
    /// The end is where an end-of-partition event says it is: transactions leave control records behind the last marker. But that event also comes at the last stable offset, which
    /// another producer's open transaction holds back; so only one at or behind <paramref name="end"/> counts, and at others we wait on.
    /// </remarks>
    private byte[]? Read(IConsumer<byte[]?, byte[]?> consumer, byte[] key, long end, TimeSpan? patience, CancellationToken cancellationToken)
    {
        byte[]? marker = null;
        var (silent, warned, position) = (Stopwatch.StartNew(), false, 0L);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = consumer.Consume((int)Slice.TotalMilliseconds);
            if (result is { IsPartitionEOF: true } && result.Offset >= end) return marker;
            if (result is not null)
            {
                if (!result.IsPartitionEOF && result.Message.Key is { } found && found.AsSpan().SequenceEqual(key)) marker = result.Message.Value;
                position = result.Offset + (result.IsPartitionEOF ? 0 : 1);
                if (position >= end) return marker;
                if (!result.IsPartitionEOF) silent.Restart();
            }

            if (patience is { } limit && silent.Elapsed > limit) return marker;
            if (warned || silent.Elapsed < WarningAfter) continue;
            logger.HeldBack(Name, position, end);
            warned = true;
        }
    }
}
