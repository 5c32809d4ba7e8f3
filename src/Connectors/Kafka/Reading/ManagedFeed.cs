using Confluent.Kafka;

namespace Pathway.Connectors.Kafka;

/// <summary>Records through the client's own interface, one object each: what works everywhere.</summary>
internal sealed class ManagedFeed(IConsumer<byte[]?, byte[]?> consumer) : IRecordFeed, IRecordDetails
{
    private readonly Dictionary<TopicPartition, PartitionCursor> _partitions = [];
    private ConsumeResult<byte[]?, byte[]?>? _at;

    public DateTimeOffset? Time => _at!.Message.Timestamp is { Type: not TimestampType.NotAvailable } time ? DateTimeOffset.FromUnixTimeMilliseconds(time.UnixTimestampMs) : null;

    public IReadOnlyList<KeyValuePair<string, byte[]?>> ReadHeaders() => [.. _at!.Message.Headers.Select(h => KeyValuePair.Create(h.Key, (byte[]?)h.GetValueBytes()))];

    public void Assign(IReadOnlyList<PartitionCursor> partitions)
    {
        _partitions.Clear();
        foreach (var partition in partitions) _partitions.Add(new TopicPartition(partition.Topic.Name, partition.Number), partition);
        consumer.Assign(_partitions.Select(p => new TopicPartitionOffset(p.Key, p.Value.Next)));
    }

    public void Fetch(int max, TimeSpan wait, IRecordTaker taker)
    {
        for (; max > 0; max--, wait = TimeSpan.Zero)
            if (!FetchOne(wait, taker)) return;
    }

    public void Dispose() => consumer.Dispose();

    private bool FetchOne(TimeSpan wait, IRecordTaker taker)
    {
        try
        {
            if (consumer.Consume(wait) is not { } result) return false;
            if (!_partitions.TryGetValue(result.TopicPartition, out var partition)) return true;
            _at = result;
            if (result.IsPartitionEOF) taker.ReachedEnd(partition, result.Offset);
            else taker.Take(partition, RecordOf(partition, result));
        }
        catch (ConsumeException e)
        {
            if (e.ConsumerRecord is { } record && _partitions.TryGetValue(record.TopicPartition, out var partition)) taker.Failed(partition, e.Error);
        }

        return true;
    }

    private SourceRecord RecordOf(PartitionCursor partition, ConsumeResult<byte[]?, byte[]?> result)
    {
        var (key, value) = (result.Message.Key, result.Message.Value);
        return new SourceRecord(partition.Topic.Name, partition.Number, result.Offset, this) { HasKey = key is not null, Key = key, HasValue = value is not null, Value = value };
    }
}
