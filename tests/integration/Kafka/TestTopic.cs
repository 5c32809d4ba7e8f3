using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>A topic of one test, and what the test does to it.</summary>
internal sealed class TestTopic(KafkaServer kafka, int partitions)
{
    private int _written;

    public string Name { get; } = $"source-{Guid.NewGuid():N}"[..24];

    public int Partitions { get; private set; } = partitions;

    public async Task CreateAsync() => await kafka.CreateTopicAsync(Name, Partitions);

    /// <summary>Writes values, one to each partition in turn.</summary>
    public void Append(IEnumerable<string> values)
    {
        using var producer = Producer(null);
        foreach (var value in values) producer.Produce(new TopicPartition(Name, _written++ % Partitions), new Message<byte[]?, byte[]?> { Value = Encoding.UTF8.GetBytes(value) });
        producer.Flush();
    }

    /// <summary>Writes one record.</summary>
    public void Write(string? key, string? value, int partition = 0, DateTime? time = null, Headers? headers = null)
    {
        using var producer = Producer(null);
        producer.Produce(new TopicPartition(Name, partition), new Message<byte[]?, byte[]?>
        {
            Key = key is null ? null : Encoding.UTF8.GetBytes(key), Value = value is null ? null : Encoding.UTF8.GetBytes(value), Headers = headers,
            Timestamp = time is { } at ? new Timestamp(at) : Timestamp.Default,
        });
        producer.Flush();
    }

    /// <summary>A producer in an open transaction that wrote these values to partition 0.</summary>
    public IProducer<byte[]?, byte[]?> BeginTransaction(params ReadOnlySpan<string> values)
    {
        var producer = Producer($"tx-{Guid.NewGuid():N}");
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        producer.BeginTransaction();
        foreach (var value in values) producer.Produce(new TopicPartition(Name, 0), new Message<byte[]?, byte[]?> { Value = Encoding.UTF8.GetBytes(value) });
        producer.Flush();
        return producer;
    }

    public async Task AddPartitionsAsync(int total)
    {
        using var admin = kafka.Admin();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Name, IncreaseTo = total }]);
        Partitions = total;
    }

    public async Task SetPolicyAsync(string policy)
    {
        using var admin = kafka.Admin();
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = Name }] = [new ConfigEntry { Name = "cleanup.policy", Value = policy, IncrementalOperation = AlterConfigOpType.Set }],
        });
    }

    public async Task DeleteRecordsAsync(int partition, long before)
    {
        using var admin = kafka.Admin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(Name, partition, before)]);
    }

    public async Task DeleteAsync()
    {
        using var admin = kafka.Admin();
        await admin.DeleteTopicsAsync([Name]);
    }

    /// <summary>Deletes the topic and makes it anew.</summary>
    public async Task RecreateAsync()
    {
        await DeleteAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await CreateAsync();
                    return true;
                }
                catch (CreateTopicsException)
                {
                    return false;
                }
            },
            "the topic is made anew");
    }

    private IProducer<byte[]?, byte[]?> Producer(string? transactionalId) => new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
    {
        BootstrapServers = kafka.BootstrapServers, TransactionalId = transactionalId, LingerMs = 0, QueueBufferingMaxMessages = 1_000_000,
    }).SetLogHandler(static (_, _) => { }).Build();
}
