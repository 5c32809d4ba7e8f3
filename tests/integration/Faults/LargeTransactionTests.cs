using System.Globalization;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Source transactions that are larger than every queue and every target transaction.</summary>
[Trait("suite", "kill")]
public sealed class LargeTransactionTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    [Fact]
    public async Task Sync_TransactionAboveTheLimitsKilledMidway_ArrivesOnceAndWhole() => await LargeAsync(rows: 120_000, limit: 50_000, kill: true);

    /// <summary>Protocol, section 1: two million rows in bounded memory.</summary>
    [Fact]
    public async Task Sync_TwoMillionRowsInOneTransaction_PassInBoundedMemory()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1", "takes minutes: PATHWAY_LONG=1 runs it");
        await LargeAsync(rows: 2_000_000, limit: 500_000, kill: false, memory: 400);
    }

    private async Task LargeAsync(int rows, int limit, bool kill, int memory = 512)
    {
        await using var scene = await StreamingSceneAsync();
        var configuration = File.ReadAllText(scene.Sync.Config);
        Assert.Contains("format: debezium-json", configuration, StringComparison.Ordinal);
        File.WriteAllText(scene.Sync.Config, configuration.Replace("format: debezium-json", string.Create(CultureInfo.InvariantCulture, $"format: debezium-json, transaction: {{ rows: {limit} }}")) + string.Create(CultureInfo.InvariantCulture, $"\nmemory: {memory}MB\n"));
        await scene.Database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO orders SELECT 1000000 + g, 1 + g % 20, g, 'open', 'one of many ' || g FROM generate_series(1, {rows}) g"));
        if (kill)
        {
            foreach (var point in new[] { FailPoints.CommitBeforeClose, FailPoints.DeliverBeforeMarker, FailPoints.DeliverAfterCommit + "=kill@2;" + FailPoints.DeliverBeforeBegin })
            {
                await using var killed = scene.Sync.Start($"{point}=kill@{(point.Contains('=', StringComparison.Ordinal) ? 9 : 1)}");
                var exit = await killed.WaitForExitAsync(TimeSpan.FromSeconds(120));
                Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}.\n{killed.Everything}");
            }
        }

        await using var sync = await scene.Sync.StartStreamingAsync();
        var peak = 0L;
        await Eventually.TrueAsync(
            async () =>
            {
                peak = Math.Max(peak, ResidentMemory.Of(sync.Id));
                return await Kafka.CountVisibleAsync($"{scene.Sync.Prefix}.public.orders") >= rows;
            },
            "all rows arrived",
            TimeSpan.FromSeconds(600));
        Output.WriteLine($"{rows} rows, peak {peak >> 20} MB");
        Assert.True(peak < 512L << 20, $"resident memory reached {peak >> 20} MB");
        await FinishAndCompareAsync(scene, sync);
    }
}
