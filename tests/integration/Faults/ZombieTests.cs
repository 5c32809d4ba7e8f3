using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Two processes that both believe to be the pipeline: only one of them may be heard.</summary>
[Trait("suite", "kill")]
public sealed class ZombieTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    [Fact]
    public async Task Sync_StoppedWhileACopyTakesOver_IsFencedAndRefusesToGoOn()
    {
        await using var scene = await StreamingSceneAsync();
        await using var first = await scene.Sync.StartStreamingAsync();
        await WriteAsync(scene, 20);

        // Frozen, not dead: its producer, its lock and its connection stay. Its directory is copied and its walsender ended, as a hasty operator would do.
        first.Pause();
        var copy = scene.Sync.OnACopyOfItsState();
        await Postgres.TerminateWalSendersAsync();
        await using var second = await copy.StartStreamingAsync();
        await WriteAsync(scene, 20);
        first.Resume();
        var exit = await first.WaitForExitAsync();

        Assert.True(exit == 3, first.Everything);
        // The target's marker or the slot's position: whichever it looks at first says that somebody else went on.
        Assert.Contains(first.Error, line => line.Contains("A copy of this state directory took over", StringComparison.Ordinal) || line.Contains("confirmed beyond our position", StringComparison.Ordinal));
        await WriteAsync(scene, 20);
        await FinishAndCompareAsync(scene, second);
    }

    [Fact]
    public async Task Sync_SecondCopyOfOneDirectory_IsRefusedAfterTheFirstCopyRan()
    {
        await using var scene = await StreamingSceneAsync();
        var copy = scene.Sync.OnACopyOfItsState();
        await using (var branch = await scene.Sync.StartStreamingAsync())
        {
            await WriteAsync(scene, 10);
            await FinishAndCompareAsync(scene, branch);
        }

        await using var other = copy.Start();
        var exit = await other.WaitForExitAsync();

        Assert.True(exit == 3, other.Everything);
        Assert.Contains(other.Error, line => line.Contains("A copy of this state directory took over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sync_SecondProcessOnTheSameDirectory_IsRefused()
    {
        await using var scene = await StreamingSceneAsync();
        await using var first = await scene.Sync.StartStreamingAsync();
        await using var second = scene.Sync.Start();
        var exit = await second.WaitForExitAsync();

        Assert.True(exit == 3, second.Everything);
        Assert.Contains(second.Error, line => line.Contains("is in use", StringComparison.Ordinal));
        await WriteAsync(scene, 5);
        await FinishAndCompareAsync(scene, first);
    }
}
