using System.Globalization;
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
        var traffic = new WordTraffic(kafka, topic, random);
        foreach (var point in Points)
        {
            await using var process = Start(topic, counts, state, string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{(point.StartsWith("recovery", StringComparison.Ordinal) ? 1 : random.Next(1, 5))}"));
            using var writing = new CancellationTokenSource();
            var writer = Task.Run(() => traffic.Write(writing.Token));
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
                found = await traffic.FoundAsync(counts);
                return found.OrderBy(f => f.Key).SequenceEqual(traffic.Expected.OrderBy(e => e.Key));
            },
            "the counts are those of the input",
            TimeSpan.FromSeconds(60));
        Assert.Equal(0, await last.TerminateAsync());
    }

    private PathwayProcess Start(TestTopic topic, string counts, string state, string? failPoints) => PathwayProcess.StartAssembly(
        "WordCount.dll", ["--kafka", kafka.BootstrapServers, "--from", topic.Name, "--to", counts, "--state", state, "--name", topic.Name],
        new Dictionary<string, string?> { [FailPoint.Variable] = failPoints });
}
