using System.Text;
using Confluent.Kafka;
using Pathway.Connectors.Kafka;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>The native queue and the managed one put the same records into a topic, partitions included.</summary>
[Trait("suite", "integration")]
public sealed class RecordQueueTests(KafkaServer kafka) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await kafka.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Records_ThroughBothQueues_AreTheSame()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var (native, managed) = (await WriteAsync(seed, isNative: true), await WriteAsync(seed, isNative: false));
        Assert.Equal(managed.Count, native.Count);
        foreach (var (expected, found) in managed.Zip(native)) Assert.Equal(Text(expected), Text(found));
    }

    [Fact]
    public async Task Record_LargerThanTheClientTakes_IsRefusedWithTheReason()
    {
        await kafka.CreateTopicAsync("too-large");
        using var producer = Producer();
        using var queue = NativeQueue.TryOpen(producer);
        Assert.NotNull(queue);
        var error = Put(queue, "too-large", null, new byte[2_000_000], []);
        Assert.Equal(ErrorCode.MsgSizeTooLarge, error?.Code);
        Assert.NotEmpty(error!.Reason);
    }

    [Fact]
    public void Queue_Full_SaysSoAndTakesTheRecordLater()
    {
        using var producer = Producer(("queue.buffering.max.messages", "2"), ("bootstrap.servers", $"127.0.0.1:{kafka.Port}"), ("linger.ms", "60000"));
        using var queue = NativeQueue.TryOpen(producer);
        Assert.NotNull(queue);
        var topic = $"full-{Guid.NewGuid():N}";
        Assert.Null(Put(queue, topic, "a"u8.ToArray(), [1], []));
        Assert.Null(Put(queue, topic, "b"u8.ToArray(), [2], [("h", [1])]));
        Assert.Equal(ErrorCode.Local_QueueFull, Put(queue, topic, "c"u8.ToArray(), [3], [("h", [1])])?.Code);
    }

    private async Task<IReadOnlyList<TopicRecord>> WriteAsync(int seed, bool isNative)
    {
        string[] topics = [$"queue-{Guid.NewGuid():N}", $"queue-{Guid.NewGuid():N}"];
        foreach (var topic in topics) await kafka.CreateTopicAsync(topic, partitions: 3);
        using (var producer = Producer())
        using (var queue = isNative ? NativeQueue.TryOpen(producer) : (IRecordQueue)new ManagedQueue(producer))
        {
            Assert.NotNull(queue);
            var random = new Random(seed);
            for (var i = 0; i < 2000; i++)
            {
                // A key always, but an empty one now and then: without one the partition is anybody's choice.
                var key = Bytes(random, random.Next(20));
                var value = random.Next(10) == 0 ? null : Bytes(random, random.Next(random.Next(4) == 0 ? 3000 : 40));
                Assert.Null(Put(queue, topics[random.Next(2)], key, value, Headers(random)));
            }

            producer.Flush(TimeSpan.FromSeconds(30));
        }

        return [.. (await kafka.ConsumeAllAsync(topics)).Select(r => r with { Topic = r.Topic == topics[0] ? "first" : "second" }).OrderBy(r => r.Topic).ThenBy(r => r.Partition).ThenBy(r => r.Offset)];
    }

    private static List<(string Name, byte[] Value)> Headers(Random random) => random.Next(3) switch
    {
        0 => [],
        1 => [("context", [1, 2, 3]), ("run", [7])],
        _ => [.. Enumerable.Range(0, random.Next(5)).Select(i => (random.Next(2) == 0 ? "twice" : $"ünï-{i}", Bytes(random, random.Next(30))))],
    };

    private static Error? Put(IRecordQueue queue, string topic, byte[]? key, byte[]? value, List<(string Name, byte[] Value)> headers)
    {
        using var buffer = new OutputBuffer();
        buffer.BeginRow(buffer.Destination(topic));
        if (key is not null)
        {
            buffer.BeginKey();
            System.Buffers.BuffersExtensions.Write(buffer, key);
        }

        if (value is not null)
        {
            buffer.BeginValue();
            System.Buffers.BuffersExtensions.Write(buffer, value);
        }

        foreach (var (name, header) in headers) buffer.AddHeader(Encoding.UTF8.GetBytes(name), header);
        buffer.EndRow();
        var bytes = buffer.Bytes.Span;
        return queue.TryPut(OutputBuffer.Read(ref bytes, buffer.Destinations));
    }

    private static string Text(TopicRecord record) =>
        $"{record.Topic} {record.Partition} {record.Offset} {Text(record.Key)} {Text(record.Value)} {string.Join(", ", record.Headers.Select(h => $"{h.Name}={Text(h.Value)}"))}";

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Convert.ToHexString(bytes);

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private IProducer<byte[]?, byte[]?> Producer(params (string Name, string Value)[] settings)
    {
        var config = new ProducerConfig { BootstrapServers = kafka.BootstrapServers, Partitioner = Partitioner.Murmur2Random, EnableDeliveryReports = false };
        foreach (var (name, value) in settings) config.Set(name, value);
        return new ProducerBuilder<byte[]?, byte[]?>(config).SetLogHandler(static (_, _) => { }).Build();
    }
}
