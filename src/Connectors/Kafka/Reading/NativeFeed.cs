using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Records in batches straight from librdkafka's memory, without an object for each.</summary>
/// <remarks>The managed client is made, assigned and disposed as usual; only its queue is read by other means.</remarks>
internal sealed unsafe class NativeFeed : IRecordFeed, IRecordDetails
{
    private const int BatchMax = 10_000, NoTime = 0;

    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly NativeClient _client;
    private readonly SafeHandle _handle;
    private readonly nint _queue;
    private readonly NativeMessage** _batch;
    private readonly Dictionary<(string Topic, int Partition), PartitionCursor> _partitions = [];
    private readonly Dictionary<(nint Topic, int Partition), PartitionCursor?> _known = []; // by librdkafka's topic objects, which live as long as an assignment
    private NativeMessage* _at;

    private NativeFeed(IConsumer<byte[]?, byte[]?> consumer, NativeClient client, SafeHandle handle)
    {
        (_consumer, _client, _handle) = (consumer, client, handle);
        _queue = client.QueueOfConsumer(handle.DangerousGetHandle());
        _batch = (NativeMessage**)NativeMemory.Alloc(BatchMax, (nuint)sizeof(NativeMessage*));
    }

    public DateTimeOffset? Time
    {
        get
        {
            int kind;
            var milliseconds = _client.TimeOf(_at, &kind);
            return kind == NoTime ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }
    }

    /// <summary>A feed for a client; null where there is no native one.</summary>
    public static NativeFeed? TryOpen(IConsumer<byte[]?, byte[]?> consumer) =>
        NativeClient.Loaded is { } client && NativeLibrdkafka.HandleOf(consumer) is { IsInvalid: false } handle ? new NativeFeed(consumer, client, handle) : null;

    public IReadOnlyList<KeyValuePair<string, byte[]?>> ReadHeaders()
    {
        var headers = new List<KeyValuePair<string, byte[]?>>();
        nint list;
        if (_client.HeadersOf(_at, &list) != 0) return headers;
        byte* name, value;
        nuint length;
        for (nuint i = 0; _client.HeaderAt(list, i, &name, &value, &length) == 0; i++)
            headers.Add(KeyValuePair.Create(Marshal.PtrToStringUTF8((nint)name) ?? "", value is null ? null : new ReadOnlySpan<byte>(value, (int)length).ToArray()));
        return headers;
    }

    public void Assign(IReadOnlyList<PartitionCursor> partitions)
    {
        _partitions.Clear();
        _known.Clear();
        foreach (var partition in partitions) _partitions.Add((partition.Topic.Name, partition.Number), partition);
        _consumer.Assign(partitions.Select(p => new TopicPartitionOffset(p.Topic.Name, p.Number, p.Next)));
    }

    /// <remarks>librdkafka waits until a batch is full or the time is over: so the wait is for one record, and what else is there comes without.</remarks>
    public void Fetch(int max, TimeSpan wait, IRecordTaker taker)
    {
        max = Math.Min(max, BatchMax);
        var count = Consume(_batch, 1, (int)wait.TotalMilliseconds);
        if (count == 0) return;
        if (max > 1) count += Consume(_batch + 1, max - 1, 0);
        HandOn(count, taker);
    }

    public void Dispose()
    {
        if (_handle.IsClosed) return;
        _client.DestroyQueue(_queue);
        NativeMemory.Free(_batch);
        _consumer.Dispose();
    }

    private int Consume(NativeMessage** into, int max, int milliseconds)
    {
        var count = _client.ConsumeBatch(_queue, milliseconds, into, (nuint)max);
        return count >= 0 ? (int)count : throw new ConnectorException("Reading from Kafka failed: the client gave no batch of records.") { IsTransient = true };
    }

    private void HandOn(int count, IRecordTaker taker)
    {
        var done = 0;
        try
        {
            PartitionCursor? partition = null;
            for (nint topic = 0, number = -1; done < count; done++)
            {
                var message = _batch[done];
                if (message->Topic != topic || message->Partition != number)
                {
                    (topic, number) = (message->Topic, message->Partition);
                    partition = FindPartition(topic, (int)number);
                }

                if (partition is not null) HandOn(message, partition, taker);
                _client.DestroyMessage(message);
            }
        }
        finally
        {
            for (; done < count; done++) _client.DestroyMessage(_batch[done]);
        }
    }

    private void HandOn(NativeMessage* message, PartitionCursor partition, IRecordTaker taker)
    {
        if (message->Error != 0)
        {
            if ((ErrorCode)message->Error == ErrorCode.Local_PartitionEOF) taker.ReachedEnd(partition, message->Offset);
            else taker.Failed(partition, new Error((ErrorCode)message->Error, Encoding.UTF8.GetString(message->Value, (int)message->ValueLength)));
            return;
        }

        _at = message;
        taker.Take(partition, new SourceRecord(partition.Topic.Name, partition.Number, message->Offset, this)
        {
            HasKey = message->Key is not null, Key = new ReadOnlySpan<byte>(message->Key, checked((int)message->KeyLength)),
            HasValue = message->Value is not null, Value = new ReadOnlySpan<byte>(message->Value, checked((int)message->ValueLength)),
        });
    }

    // Errors of the whole client have no topic; the client's own handlers tell of them.
    private PartitionCursor? FindPartition(nint topic, int number)
    {
        if (topic == 0) return null;
        if (_known.TryGetValue((topic, number), out var known)) return known;
        var name = Marshal.PtrToStringUTF8((nint)_client.NameOfTopic(topic)) ?? "";
        return _known[(topic, number)] = _partitions.GetValueOrDefault((name, number));
    }
}
