using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Outages that last longer than what a broker keeps a transaction open for: what was in it is aborted behind our back, and has to come once all the same.</summary>
[Trait("suite", "kill")]
public sealed class LongOutageTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    private const int TransactionTimeout = 6000;    // milliseconds; the least that goes with transactions of four seconds

    /// <summary>T-03: what was durable here and sent, but not committed there, when we died is aborted by the broker; two-phase sinks lose it.</summary>
    [Theory]
    [InlineData(FailPoints.CommitAfterLogSync)]
    [InlineData(FailPoints.DeliverBeforeMarker)]
    [InlineData(FailPoints.DeliverBeforeCommit)]
    public async Task Sync_DownForLongerThanTheTransactionTimeout_DeliversEveryChangeOnce(string point)
    {
        await using var scene = await StreamingSceneAsync();
        SetTransactionTimeout(scene);
        await using (var killed = scene.Sync.Start($"{point}=kill@3"))
        {
            var exit = 0;
            await WhileWritingAsync(scene, async () => exit = await killed.WaitForExitAsync());
            Assert.True(exit == 137, killed.Everything);
        }

        if (point != FailPoints.CommitAfterLogSync) await AbortedByTheBrokerAsync(scene);
        await WriteAsync(scene, 10);
        await using var next = await scene.Sync.StartStreamingAsync();
        await FinishAndCompareAsync(scene, next);
    }

    /// <summary>As T-05, with an answer that took too long: frozen in front of the commit until the broker aborted the transaction.</summary>
    [Fact]
    public async Task Sync_FrozenForLongerThanTheTransactionTimeout_DeliversEveryChangeOnce()
    {
        await using var scene = await StreamingSceneAsync();
        SetTransactionTimeout(scene);
        await using var sync = await scene.Sync.StartStreamingAsync($"{FailPoints.DeliverBeforeCommit}=delay:3000ms@3");
        await WhileWritingAsync(scene, async () =>
        {
            await Eventually.TrueAsync(async () => await IsOpenAsync(scene), "a transaction is open");
            sync.Pause();
            await AbortedByTheBrokerAsync(scene);
            sync.Resume();
        });
        await FinishAndCompareAsync(scene, sync);
    }

    /// <summary>T-04: a broker that stands still for longer than every timeout of the client.</summary>
    [Fact]
    public async Task Sync_BrokerFrozenForSeventySeconds_DeliversEveryChangeOnce()
    {
        SkipUnlessLong();
        await using var scene = await StreamingSceneAsync();
        await using var sync = await scene.Sync.StartStreamingAsync();
        for (var round = 0; round < 2; round++)
        {
            await WhileWritingAsync(scene, async () =>
            {
                await Kafka.PauseAsync();
                await Task.Delay(TimeSpan.FromSeconds(70)); // the outage itself: T-04 says how long
                await Kafka.ResumeAsync();
            });
        }

        await FinishAndCompareAsync(scene, sync);
    }

    /// <summary>T-06: the topic of the markers is compacted by the broker, again and again; the newest marker of each key is what stays.</summary>
    [Fact]
    public async Task Sync_MarkersCompactedBetweenStarts_DeliversEveryChangeOnce()
    {
        await using var scene = await StreamingSceneAsync();
        var topic = $"__pathway.{scene.Sync.Name}";
        using var admin = Kafka.Admin();
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
            [
                Entry("segment.ms", "100"), Entry("min.cleanable.dirty.ratio", "0.01"), Entry("max.compaction.lag.ms", "100"), Entry("delete.retention.ms", "100"),
            ],
        });
        for (var round = 0; round < 3; round++)
        {
            await using var sync = await scene.Sync.StartStreamingAsync();
            await WriteAsync(scene, 20);
            await ArrivedAsync(scene, ChangeLog.Expected(await scene.Oracle.ReadAsync(), scene.Sync.Prefix).Values.Sum(e => e.Count), sync);
            await sync.KillAsync();
        }

        await Eventually.TrueAsync(async () => (await Kafka.ConsumeAllAsync(topic)).Count <= 3, "markers were compacted", TimeSpan.FromSeconds(90));
        await using var last = await scene.Sync.StartStreamingAsync();
        await WriteAsync(scene, 10);
        await FinishAndCompareAsync(scene, last);

        static ConfigEntry Entry(string name, string value) => new() { Name = name, Value = value, IncrementalOperation = AlterConfigOpType.Set };
    }

    private static void SkipUnlessLong() => Assert.SkipUnless(Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1", "takes minutes: PATHWAY_LONG=1 runs it");

    private static void SetTransactionTimeout(Scene scene)
    {
        var configuration = File.ReadAllText(scene.Sync.Config);
        var with = configuration.Replace("format: debezium-json, client: {", $"format: debezium-json, transaction: {{ time: 4s }}, client: {{ transaction.timeout.ms: {TransactionTimeout},", StringComparison.Ordinal);
        Assert.NotEqual(configuration, with);
        File.WriteAllText(scene.Sync.Config, with);
    }

    /// <summary>Waits until no transaction is open any more, and sees that it took the broker its time.</summary>
    private async Task AbortedByTheBrokerAsync(Scene scene)
    {
        Assert.True(await IsOpenAsync(scene), "a transaction was left open");
        var since = Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => !await IsOpenAsync(scene), "the broker aborted the transaction", TimeSpan.FromSeconds(60));
        Output.WriteLine($"aborted after {since.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Whether a transaction over our topics is open: a read_committed reader is held back.</summary>
    private async Task<bool> IsOpenAsync(Scene scene)
    {
        using var admin = Kafka.Admin();
        var topics = (await Kafka.ListTopicsAsync()).Where(t => t.StartsWith(scene.Sync.Prefix + ".", StringComparison.Ordinal)).ToList();
        var partitions = topics.SelectMany(t => Enumerable.Range(0, 2).Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(t, p), OffsetSpec = OffsetSpec.Latest() })).ToList();
        var (stable, high) = (await EndsAsync(IsolationLevel.ReadCommitted), await EndsAsync(IsolationLevel.ReadUncommitted));
        return stable < high;

        async Task<long> EndsAsync(IsolationLevel isolation)
        {
            var ends = await admin.ListOffsetsAsync(partitions, new ListOffsetsOptions { IsolationLevel = isolation, RequestTimeout = TimeSpan.FromSeconds(20) });
            return ends.ResultInfos.Sum(i => i.TopicPartitionOffsetError.Offset.Value);
        }
    }
}
