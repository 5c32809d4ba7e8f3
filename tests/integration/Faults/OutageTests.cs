using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Servers that go away and come back while the sync runs.</summary>
[Trait("suite", "kill")]
public sealed class OutageTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    [Fact]
    public async Task Sync_BrokerKilledAndRestarted_DeliversEveryChangeOnce()
    {
        await using var scene = await StreamingSceneAsync();
        await using var sync = await scene.Sync.StartStreamingAsync();
        await WhileWritingAsync(scene, async () =>
        {
            await Kafka.KillAsync();
            await Kafka.StartAsync();
        });
        await WriteAsync(scene, 10);
        await FinishAndCompareAsync(scene, sync);
    }

    [Fact]
    public async Task Sync_PostgresRestarted_DeliversEveryChangeOnce()
    {
        await using var scene = await StreamingSceneAsync();
        await using var sync = await scene.Sync.StartStreamingAsync();
        await WriteAsync(scene, 20);
        await Postgres.RestartAsync();
        await WriteAsync(scene, 20);
        await Postgres.KillAsync();
        await Postgres.StartAsync();
        await WriteAsync(scene, 20);
        await FinishAndCompareAsync(scene, sync);
    }

    [Fact]
    public async Task Sync_WalSenderTerminated_DeliversEveryChangeOnce()
    {
        await using var scene = await StreamingSceneAsync();
        await using var sync = await scene.Sync.StartStreamingAsync();
        await WhileWritingAsync(scene, async () =>
        {
            await Postgres.TerminateWalSendersAsync();
            await sync.WaitForLineAsync("(?i)(again|retry|reconnect|lost)");
        });
        await FinishAndCompareAsync(scene, sync);
    }

    [Fact]
    public async Task Sync_StoppedWhileKafkaIsAway_KeepsWhatIsUndeliveredAndExitsInTime()
    {
        await using var scene = await StreamingSceneAsync();
        await using (var sync = await scene.Sync.StartStreamingAsync())
        {
            await Kafka.StopAsync();
            await WriteAsync(scene, 20);
            await sync.WaitForLineAsync("(?i)delivery to .* failed|undelivered");
            var since = System.Diagnostics.Stopwatch.StartNew();
            Assert.Equal(0, await sync.TerminateAsync());
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(8), $"took {since.Elapsed}");
            Assert.Contains(sync.Error, line => line.Contains("undelivered", StringComparison.Ordinal));
        }

        await Kafka.StartAsync();
        await using var next = await scene.Sync.StartStreamingAsync();
        await FinishAndCompareAsync(scene, next);
    }
}
