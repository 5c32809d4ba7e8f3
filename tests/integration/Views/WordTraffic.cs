using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Pathway.Tests.Integration.Kafka;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Views;

/// <summary>Words that are written to a topic in transactions, some of which are aborted; how often each was committed, and what a topic of counts says of it.</summary>
internal sealed class WordTraffic(KafkaServer kafka, TestTopic topic, Random random)
{
    /// <summary>How often each word was committed.</summary>
    public Dictionary<string, long> Expected { get; } = [];

    /// <summary>How many transactions were committed; readable while they are written.</summary>
    public long Transactions => Volatile.Read(ref _transactions);
    private long _transactions;

    public void Write(CancellationToken stop)
    {
        var config = new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = $"words-{Guid.NewGuid():N}", LingerMs = 0 };
        using var producer = new ProducerBuilder<Null, byte[]>(config).SetLogHandler(static (_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        while (!stop.IsCancellationRequested)
        {
            var words = Enumerable.Range(0, random.Next(1, 60)).Select(_ => string.Create(CultureInfo.InvariantCulture, $"word{random.Next(40)}")).ToList();
            producer.BeginTransaction();
            foreach (var word in words)
                producer.Produce(new TopicPartition(topic.Name, random.Next(topic.Partitions)), new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes($$"""{"word":"{{word}}"}""") });
            producer.Flush(CancellationToken.None);
            if (random.Next(4) == 0)
            {
                producer.AbortTransaction();
                continue;
            }

            producer.CommitTransaction();
            foreach (var word in words) Expected[word] = Expected.GetValueOrDefault(word) + 1;
            Volatile.Write(ref _transactions, _transactions + 1);
        }
    }

    /// <summary>The last count of each word; none may ever go down or come twice.</summary>
    public async Task<Dictionary<string, long>> FoundAsync(string counts)
    {
        var found = new Dictionary<string, long>();
        if (!(await kafka.ListTopicsAsync()).Contains(counts)) return found;
        foreach (var record in await kafka.ConsumeAllAsync(counts))
        {
            using var json = JsonDocument.Parse(record.ValueText!);
            var (word, times) = (json.RootElement.GetProperty("word").GetString()!, json.RootElement.GetProperty("times").GetInt64());
            Assert.True(times > found.GetValueOrDefault(word), $"{word}: {times} after {found.GetValueOrDefault(word)}");
            found[word] = times;
        }

        return found;
    }
}
