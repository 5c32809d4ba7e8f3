using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Kafka;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Views;

/// <summary>Kafka → counts → Kafka as a process of its own, killed again and again while transactions, some aborted, are written to its input: the counts are those of what was committed, each once.</summary>
[Trait("suite", "kill")]
public sealed class WordCountKillTests(KafkaServer kafka, ITestOutputHelper output)
{
    private static readonly string[] Points =
    [
        FailPoints.CommitBeforeClose, FailPoints.CommitAfterLogSync, FailPoints.DeliverMidway, FailPoints.DeliverBeforeMarker, FailPoints.DeliverAfterCommit, FailPoints.RecoveryAfterReplay,
    ];

    [Fact]
    public async Task Counts_KilledAgainAndAgain_AreThoseOfTheInput()
    {
        var random = new Random(Seed.OfThisRun(output));
        var topic = new TestTopic(kafka, partitions: 3);
        await topic.CreateAsync();
        var (counts, state) = ($"{topic.Name}.counts", RunFolder.NewFolder("words"));
        var expected = new Dictionary<string, long>();
        foreach (var point in Points)
        {
            await using var process = Start(topic, counts, state, string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{(point.StartsWith("recovery", StringComparison.Ordinal) ? 1 : random.Next(1, 5))}"));
            using var writing = new CancellationTokenSource();
            var writer = Task.Run(() => Write(topic, random, expected, writing.Token));
            var exit = await process.WaitForExitAsync(TimeSpan.FromSeconds(90));
            await writing.CancelAsync();
            await writer;
            Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}.\n{process.Everything}");
        }

        await using var last = Start(topic, counts, state, null);
        var found = new Dictionary<string, long>();
        await Eventually.TrueAsync(
            async () =>
            {
                found = await FoundAsync(counts);
                return found.OrderBy(f => f.Key).SequenceEqual(expected.OrderBy(e => e.Key));
            },
            "the counts are those of the input",
            TimeSpan.FromSeconds(60));
        Assert.Equal(0, await last.TerminateAsync());
    }

    private PathwayProcess Start(TestTopic topic, string counts, string state, string? failPoints) => PathwayProcess.StartAssembly(
        "WordCount.dll", ["--kafka", kafka.BootstrapServers, "--from", topic.Name, "--to", counts, "--state", state, "--name", topic.Name],
        new Dictionary<string, string?> { [FailPoint.Variable] = failPoints });

    private void Write(TestTopic topic, Random random, Dictionary<string, long> expected, CancellationToken stop)
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
            foreach (var word in words) expected[word] = expected.GetValueOrDefault(word) + 1;
        }
    }

    /// <summary>The last count of each word; none may ever go down or come twice.</summary>
    private async Task<Dictionary<string, long>> FoundAsync(string counts)
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
