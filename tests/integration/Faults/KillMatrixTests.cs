using System.Globalization;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>
/// The real command line tool, killed at every fail point while the database is written to: afterwards a read_committed consumer has to see exactly the changes that an independent
/// reading of the database gives, in order for each key.
/// </summary>
[Trait("suite", "kill")]
public sealed class KillMatrixTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    private static readonly string[] AtEachStart =
    [
        FailPoints.RecoveryAfterTailCopy, FailPoints.RecoveryAfterReplay, FailPoints.ClaimAfterFence, FailPoints.ClaimAfterMarkerRead, FailPoints.ClaimAfterMarkerWrite, FailPoints.SourceBeforeStream,
    ];

    private static readonly string[] AgainAndAgain =
    [
        FailPoints.CommitBeforeAppend, FailPoints.CommitBeforeClose, FailPoints.CommitBeforeLogSync, FailPoints.CommitAfterLogSync,
        FailPoints.DeliverBeforeBegin, FailPoints.DeliverMidway, FailPoints.DeliverBeforeMarker, FailPoints.DeliverBeforeCommit, FailPoints.DeliverAfterCommit, FailPoints.AcknowledgeBefore,
    ];

    [Fact]
    public async Task Sync_KilledAtEveryFailPoint_DeliversEveryChangeOnceAndInOrder()
    {
        await using var scene = await StreamingSceneAsync();
        var random = new Random(scene.Seed);
        string[] points = [.. AgainAndAgain, .. AtEachStart];
        for (var i = 0; i < Seed.Kills; i++)
        {
            var point = points[i % points.Length];
            var onHit = AgainAndAgain.Contains(point) ? random.Next(1, 12) : 1;
            await using var process = scene.Sync.Start(string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{onHit}"));
            var exit = 0;
            await WhileWritingAsync(scene, async () => exit = await process.WaitForExitAsync());
            Assert.True(exit == 137, $"Expected a kill at {point}@{onHit}, got exit code {exit}.\n{process.Everything}");
        }

        await using var last = await scene.Sync.StartStreamingAsync();
        await FinishAndCompareAsync(scene, last);
    }
}
