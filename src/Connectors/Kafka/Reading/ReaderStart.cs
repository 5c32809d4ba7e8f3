using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Decides where the partitions of topics are read on, and refuses where that would be a guess.</summary>
internal sealed class ReaderStart(KafkaSourceOptions options, TopicCatalog catalog, ILogger logger)
{
    private static readonly TimeSpan MissingFor = TimeSpan.FromSeconds(3), LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>The topics as they are now; waits a moment for one that was made just now.</summary>
    /// <exception cref="ConfigurationException">One doesn't exist.</exception>
    public async Task<IReadOnlyDictionary<string, FoundTopic>> FindAsync(IReadOnlyCollection<string> topics, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; ; waited += LookAgain)
        {
            var found = await catalog.UntilAnsweredAsync(token => catalog.FindAsync(topics, token), stop).ConfigureAwait(false);
            var missing = found.Where(t => t.Value is null).Select(t => t.Key).Order(StringComparer.Ordinal).ToList();
            if (missing.Count == 0) return found.ToDictionary(t => t.Key, t => t.Value!);
            if (waited >= MissingFor)
                throw new ConfigurationException($"The Kafka topic{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)} to read from can't be found at {options}: no such topic, or no right to see it. Create it, or correct the name.");
            await Task.Delay(LookAgain, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Brings a topic to where it was left, or to where it begins; gives whether some partition is read for the first time.</summary>
    /// <exception cref="RefusalException">It isn't the topic that was read, or what comes next in it is gone.</exception>
    public async Task<bool> BeginAsync(TopicCursor topic, TopicPosition? left, FoundTopic found, CancellationToken stop)
    {
        if (left is not null) RefuseUnlessSame(topic.Name, left.Id, found);
        if (left is not null && found.Partitions < left.Next.Count)
            throw new RefusalException($"the Kafka topic {topic.Name} has fewer partitions than were read", $"{found.Partitions}", $"at least {left.Next.Count}", "Begin anew with an empty state directory.");
        foreach (var next in left?.Next ?? []) topic.Add(next);
        if (left is not null) await CheckAsync(topic, stop).ConfigureAwait(false);
        return await AddPartitionsAsync(topic, found, isFirst: left is null, stop).ConfigureAwait(false);
    }

    /// <summary>Adds the partitions that a topic got; gives whether there are any.</summary>
    public async Task<bool> AddPartitionsAsync(TopicCursor topic, FoundTopic found, bool isFirst, CancellationToken stop)
    {
        var added = Enumerable.Range(topic.Partitions.Count, Math.Max(0, found.Partitions - topic.Partitions.Count)).ToList();
        if (added.Count == 0) return false;
        var offsets = await ListAsync(topic.Name, added, OffsetSpec.Earliest(), IsolationLevel.ReadUncommitted, stop).ConfigureAwait(false);
        if (isFirst && options.Start != KafkaStart.Earliest)
        {
            var ends = await ListAsync(topic.Name, added, OffsetSpec.Latest(), IsolationLevel.ReadCommitted, stop).ConfigureAwait(false);
            offsets = options.Start.Time is { } time
                ? [.. (await ListAsync(topic.Name, added, OffsetSpec.ForTimestamp(time.ToUnixTimeMilliseconds()), IsolationLevel.ReadUncommitted, stop).ConfigureAwait(false)).Zip(ends, (at, end) => at < 0 ? end : at)]
                : ends;
        }

        foreach (var offset in offsets) topic.Add(offset);
        return true;
    }

    /// <summary>Sets the ends that reading stops at.</summary>
    public async Task SetEndsAsync(TopicCursor topic, CancellationToken stop)
    {
        var ends = await ListAsync(topic, OffsetSpec.Latest(), stop).ConfigureAwait(false);
        for (var i = 0; i < ends.Length; i++) topic.Partitions[i].End = ends[i];
    }

    /// <summary>Whether what comes next in each partition is still there.</summary>
    /// <exception cref="RefusalException">It isn't, and isn't to be skipped.</exception>
    public async Task CheckAsync(TopicCursor topic, CancellationToken stop)
    {
        var earliest = await ListAsync(topic, OffsetSpec.Earliest(), stop).ConfigureAwait(false);
        var latest = await ListAsync(topic, OffsetSpec.Latest(), stop).ConfigureAwait(false);
        for (var i = 0; i < earliest.Length; i++) Check(topic.Partitions[i], earliest[i], latest[i]);
    }

    /// <summary>Whether the topics hold all that is read again: from where each partition stands to its stop.</summary>
    /// <exception cref="RefusalException">They don't: then what is read isn't what was.</exception>
    public async Task RequireKeptAsync(IReadOnlyList<TopicCursor> topics, bool isFromBeginning, CancellationToken stop)
    {
        const string Remedy = "Go back to the plan and the state before, or begin anew with an empty state directory and empty targets from what there is.";
        foreach (var topic in topics)
        {
            // From the beginning on, the last record of a key is all that counts for a keyed table.
            var isSparse = isFromBeginning && Array.TrueForAll(topic.Inputs, i => i.Source.IsKeyed);
            if (!isSparse && await CompactingPolicyAsync(topic, stop).ConfigureAwait(false) is { } policy)
                throw new RefusalException($"the Kafka topic {topic.Name} is compacted, so it can't be read again", $"cleanup.policy={policy}, which takes older records of a key away", "a topic that keeps all records", Remedy);
            var (earliest, latest) = (await ListAsync(topic, OffsetSpec.Earliest(), stop).ConfigureAwait(false), await ListAsync(topic, OffsetSpec.Latest(), stop).ConfigureAwait(false));
            foreach (var partition in topic.Partitions.Where(p => p.Stop > p.Next))
            {
                if (earliest[partition.Number] > partition.Next)
                    throw new RefusalException($"{partition} can't be read again", string.Create(CultureInfo.InvariantCulture, $"the oldest record at offset {earliest[partition.Number]}"), $"all records from offset {partition.Next} on", Remedy);
                if (latest[partition.Number] < partition.Stop)
                    throw new RefusalException($"records of {partition} that were read are gone from the topic", $"the end at offset {latest[partition.Number]}", $"an end at offset {partition.Stop} or later", Remedy);
            }
        }
    }

    /// <summary>The policy of a topic that takes older records of a key away; null where it doesn't.</summary>
    private async Task<string?> CompactingPolicyAsync(TopicCursor topic, CancellationToken stop) =>
        await catalog.UntilAnsweredAsync(token => catalog.PolicyAsync(topic.Name, token), stop).ConfigureAwait(false) is { } policy && policy.Contains("compact", StringComparison.Ordinal) ? policy : null;

    /// <exception cref="RefusalException">The topic was deleted and made anew.</exception>
    public static void RefuseUnlessSame(string topic, string id, FoundTopic found)
    {
        if (found.Id == id) return;
        throw new RefusalException(
            $"the Kafka topic {topic} was deleted and made anew, or belongs to another cluster", $"topic id {found.Id}", $"topic id {id}",
            "What the deleted topic still held is lost, and its offsets mean nothing here. Begin anew with an empty state directory, or give the pipeline the cluster it was reading from.");
    }

    private void Check(PartitionCursor partition, long earliest, long latest)
    {
        if (partition.Next > latest)
        {
            throw new RefusalException(
                string.Create(CultureInfo.InvariantCulture, $"records of {partition} that were read are gone from the topic (it was cut, or a broker lost its data)"), $"the end at offset {latest}",
                $"an end at offset {partition.Next} or later", "Other readers of the topic and this pipeline don't agree any more. Begin anew with an empty state directory.");
        }

        if (partition.Next >= earliest) return;
        if (options.OnLostRecords == LostRecords.Refuse)
        {
            throw new RefusalException(
                $"records of {partition} were deleted by the broker's retention before they were read", $"the oldest record at offset {earliest}", $"offset {partition.Next}, which is to be read next",
                "Raise the topic's retention and begin anew with an empty state directory; or, to go on without what is lost, set what happens with lost records to skip.");
        }

        logger.LostRecordsSkipped(partition.ToString(), earliest - partition.Next, partition.Next, earliest);
        partition.Next = earliest;
    }

    private Task<long[]> ListAsync(TopicCursor topic, OffsetSpec spec, CancellationToken stop) =>
        ListAsync(topic.Name, [.. topic.Partitions.Select(p => p.Number)], spec, IsolationLevel.ReadUncommitted, stop);

    private Task<long[]> ListAsync(string topic, IReadOnlyList<int> partitions, OffsetSpec spec, IsolationLevel isolation, CancellationToken stop) =>
        catalog.UntilAnsweredAsync(token => catalog.ListAsync(topic, partitions, spec, isolation, token), stop);
}
