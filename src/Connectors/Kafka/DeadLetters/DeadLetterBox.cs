using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>A letter of a dead-letter topic, and where it stands there.</summary>
/// <param name="Letter">The letter.</param>
/// <param name="Partition">The partition of the dead-letter topic.</param>
/// <param name="Offset">The offset there; of one in several parts that of the last.</param>
/// <param name="Time">When it was put there.</param>
public sealed record StoredDeadLetter(DeadLetter Letter, int Partition, long Offset, DateTimeOffset? Time);

/// <summary>Reads a dead-letter topic for people, and sends its letters back to where they came from.</summary>
/// <param name="options">The cluster.</param>
/// <param name="topic">The dead-letter topic.</param>
public sealed class DeadLetterBox(KafkaSourceOptions options, string topic)
{
    /// <summary>The largest letter that is sent back.</summary>
    private const int LargestLetter = 64 << 20;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30), Slice = TimeSpan.FromMilliseconds(200);

    /// <summary>The letters that weren't sent back, partition by partition.</summary>
    /// <param name="max">At most so many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IReadOnlyList<StoredDeadLetter> List(int max, CancellationToken cancellationToken)
    {
        using var consumer = Open();
        var letters = new List<StoredDeadLetter>();
        Read(consumer, letters, max, cancellationToken);
        return letters;
    }

    /// <summary>Sends the letters that weren't sent back yet to the topics they came from, each exactly once: with their key, value and headers, and with how far that is in one transaction.</summary>
    /// <param name="max">At most so many.</param>
    /// <param name="to">The topic for all of them; null, the default: each to its own.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were sent back.</returns>
    /// <exception cref="BadDataException">A letter doesn't say where it came from.</exception>
    public int Replay(int max, string? to, CancellationToken cancellationToken)
    {
        using var producer = ClientSettings.Build(
            () => new ProducerBuilder<byte[]?, byte[]?>(ClientSettings.Producer(options.AsClient() with { Name = "replay" }, Group, SizeLimits.Default with { Message = LargestLetter })).SetLogHandler(static (_, _) => { }).Build(), options.AsClient());
        // Taking the id first ends a replay that was killed, so that the positions read next are final.
        Do(() => producer.InitTransactions(Wait), "Taking the transactional id for the replay");
        using var consumer = Open();
        var letters = new List<StoredDeadLetter>();
        Read(consumer, letters, max, cancellationToken);
        if (letters.Count == 0) return 0;
        Do(producer.BeginTransaction, "Beginning the replay");
        foreach (var stored in letters) Send(producer, stored, to);
        var next = letters.GroupBy(l => l.Partition).Select(p => new TopicPartitionOffset(topic, p.Key, p.Max(l => l.Offset) + 1));
        Do(() => producer.SendOffsetsToTransaction(next, consumer.ConsumerGroupMetadata, Wait), "Storing how far the replay is");
        Do(producer.CommitTransaction, "Committing the replay");
        return letters.Count;
    }

    private string Group => $"pathway.dlq.{topic}";

    private static void Send(IProducer<byte[]?, byte[]?> producer, StoredDeadLetter stored, string? to)
    {
        var letter = stored.Letter;
        if (to is null && letter.Topic.Length == 0)
            throw new BadDataException($"The record in partition {stored.Partition}, offset {stored.Offset} has no header {DeadLetter.TopicHeader}, which says where it came from. Name a topic to send it to.");
        var headers = new Headers();
        foreach (var (name, value) in letter.Headers)
            if (!name.StartsWith("pathway.dead-letter.", StringComparison.Ordinal)) headers.Add(name, value);
        Do(() => producer.Produce(to ?? letter.Topic, new Message<byte[]?, byte[]?> { Key = letter.Key?.ToArray(), Value = letter.Value?.ToArray(), Headers = headers }), "Sending a letter back");
    }

    private IConsumer<byte[]?, byte[]?> Open()
    {
        var config = SourceSettings.Consumer(options, "dlq");
        config.Set("group.id", Group);
        config.Set("auto.offset.reset", "earliest");
        return ClientSettings.Build(() => new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler(static (_, _) => { }).Build(), options.AsClient());
    }

    private void Read(IConsumer<byte[]?, byte[]?> consumer, List<StoredDeadLetter> letters, int max, CancellationToken cancellationToken)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            var found = admin.GetMetadata(topic, Wait).Topics.Single();
            if (found.Error.IsError) throw new ConfigurationException($"The Kafka topic {topic} can't be read: {found.Error.Reason}.");
            var open = new Dictionary<TopicPartition, long>();
            foreach (var stored in consumer.Committed([.. found.Partitions.Select(p => new TopicPartition(topic, p.PartitionId))], Wait))
            {
                var ends = consumer.QueryWatermarkOffsets(stored.TopicPartition, Wait);
                if (Math.Max(ends.Low.Value, stored.Offset.Value) < ends.High.Value) open.Add(stored.TopicPartition, ends.High.Value);
                if (open.ContainsKey(stored.TopicPartition)) consumer.IncrementalAssign([new TopicPartitionOffset(stored.TopicPartition, Math.Max(ends.Low.Value, stored.Offset.Value))]);
            }

            var parts = new Dictionary<int, List<byte[]>>(); // of a letter that isn't whole yet, by partition
            while (open.Count > 0 && (letters.Count < max || parts.Count > 0))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (consumer.Consume(Slice) is not { } result) continue;
                if (!result.IsPartitionEOF) Take(result, parts, letters);
                if ((result.IsPartitionEOF ? result.Offset.Value : result.Offset.Value + 1) >= open.GetValueOrDefault(result.TopicPartition)) open.Remove(result.TopicPartition);
            }
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, $"Reading {topic}", e);
        }
    }

    private static void Take(ConsumeResult<byte[]?, byte[]?> record, Dictionary<int, List<byte[]>> parts, List<StoredDeadLetter> letters)
    {
        if (!record.Message.Headers.TryGetLastBytes(DeadLetter.PartHeader, out var bytes) || Encoding.UTF8.GetString(bytes).Split('/') is not [var part, var count])
        {
            letters.Add(Of(record));
            return;
        }

        if (!parts.TryGetValue(record.Partition.Value, out var values)) parts.Add(record.Partition.Value, values = []);
        values.Add(record.Message.Value ?? []);
        if (part != count) return;
        record.Message.Value = [.. values.SelectMany(v => v)];
        parts.Remove(record.Partition.Value);
        letters.Add(Of(record));
    }

    private static StoredDeadLetter Of(ConsumeResult<byte[]?, byte[]?> record)
    {
        var headers = record.Message.Headers.Select(h => KeyValuePair.Create(h.Key, (byte[]?)h.GetValueBytes())).ToList();
        string Text(string name) => headers.FindLast(h => h.Key == name).Value is { } value ? Encoding.UTF8.GetString(value) : "";
        var letter = new DeadLetter
        {
            Reason = Text(DeadLetter.ReasonHeader), Topic = Text(DeadLetter.TopicHeader), Key = headers.Exists(h => h.Key == DeadLetter.NoKeyHeader) ? null : record.Message.Key, Value = record.Message.Value, Headers = headers,
            Place = Text(DeadLetter.PlaceHeader) is { Length: > 0 } place ? place : null,
            Partition = int.TryParse(Text(DeadLetter.PartitionHeader), CultureInfo.InvariantCulture, out var partition) ? partition : -1,
            Offset = long.TryParse(Text(DeadLetter.OffsetHeader), CultureInfo.InvariantCulture, out var offset) ? offset : -1,
        };
        return new StoredDeadLetter(letter, record.Partition.Value, record.Offset.Value, record.Message.Timestamp.Type == TimestampType.NotAvailable ? null : record.Message.Timestamp.UtcDateTime);
    }

    private static void Do(Action act, string doing)
    {
        try
        {
            act();
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, doing, e);
        }
    }
}
