using System.Globalization;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>The real tool from one database into another, killed at every fail point while the source is written to: afterwards the tables are equal, by checksum.</summary>
[Trait("suite", "kill")]
public sealed class ReplicaKillTests(PostgresServer postgres, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    private static readonly string[] AtEachStart = [FailPoints.RecoveryAfterReplay, FailPoints.ClaimAfterFence, FailPoints.ClaimAfterMarkerRead, FailPoints.ClaimAfterMarkerWrite];

    private static readonly string[] AgainAndAgain =
    [
        FailPoints.CommitBeforeClose, FailPoints.CommitAfterLogSync, FailPoints.DeliverBeforeBegin, FailPoints.DeliverMidway, FailPoints.DeliverBeforeMarker, FailPoints.DeliverBeforeCommit, FailPoints.DeliverAfterCommit,
        FailPoints.AcknowledgeBefore,
    ];

    [Fact]
    public async Task Sync_KilledAtEveryFailPoint_TargetEqualsSource()
    {
        var (traffic, random) = (new Traffic(Source, RunSeed), new Random(RunSeed));
        await traffic.CreateAsync();
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create");
        await KillAsync(sync, traffic, FailPoints.LoadAfterChunkEmit, 1);
        await KillAsync(sync, traffic, FailPoints.DeliverBeforeCommit, 2);
        await using (var first = await sync.StartStreamingAsync())
        {
            await ArrivesAsync(first, Traffic.Tables);
            Assert.True(await first.TerminateAsync() == 0, first.Everything);
        }

        traffic.MovesDocuments = true;
        string[] points = [.. AgainAndAgain, .. AtEachStart];
        random.Shuffle(points);
        foreach (var point in points.Take(Seed.Kills / 5)) await KillAsync(sync, traffic, point, AgainAndAgain.Contains(point) ? random.Next(1, 10) : 1);
        await using var last = await sync.StartStreamingAsync();
        await traffic.WriteAsync(50);
        await ArrivesAsync(last, Traffic.Tables);
        Assert.True(await last.TerminateAsync() == 0, last.Everything);
    }

    private static async Task KillAsync(SyncRun sync, Traffic traffic, string point, int onHit)
    {
        await using var process = sync.Start(string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{onHit}"));
        var exit = 0;
        await traffic.WhileAsync(async () => exit = await process.WaitForExitAsync());
        Assert.True(exit == 137, $"Expected a kill at {point}@{onHit}, got exit code {exit}.\n{process.Everything}");
    }

    [Fact]
    public async Task Sync_StoppedWhileACopyTakesOver_IsFencedAndRefusesToGoOn()
    {
        var traffic = new Traffic(Source, RunSeed);
        await traffic.CreateAsync();
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create");
        await using var first = await sync.StartStreamingAsync();
        await ArrivesAsync(first, Traffic.Tables);
        // Frozen in the middle of a transaction, as often as not: its row of the progress table may be locked.
        await traffic.WhileAsync(() => Task.Delay(50, TestContext.Current.CancellationToken));
        first.Pause();
        var copy = sync.OnACopyOfItsState();
        await Source.ExecuteAsync("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND database = current_database()");
        await using var second = await copy.StartStreamingAsync();
        await traffic.WriteAsync(20);
        await ArrivesAsync(second, Traffic.Tables);
        first.Resume();
        var exit = await first.WaitForExitAsync();
        Assert.True(exit == 3, first.Everything);
        await traffic.WriteAsync(20);
        await ArrivesAsync(second, Traffic.Tables);
    }

    [Fact]
    public async Task Sync_DirectoryLost_IsRefusedThenExactWithAdoptMarker()
    {
        var traffic = new Traffic(Source, RunSeed);
        await traffic.CreateAsync();
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create");
        await using (var first = await sync.StartStreamingAsync())
        {
            await ArrivesAsync(first, Traffic.Tables);
            await traffic.WhileAsync(first.KillAsync);
        }

        Directory.Delete(sync.State, recursive: true);
        await using (var refused = sync.Start())
        {
            var exit = await refused.WaitForExitAsync();
            Assert.True(exit == 3, refused.Everything);
            Assert.Contains(refused.Error, line => line.Contains("--adopt-marker", StringComparison.Ordinal));
        }

        Directory.Delete(sync.State, recursive: true);
        await using var adopted = await sync.StartStreamingAsync(null, "--adopt-marker");
        await traffic.WriteAsync(20);
        await ArrivesAsync(adopted, Traffic.Tables);
    }
}
