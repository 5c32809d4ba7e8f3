using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>The state directory is lost: refused, or, as an explicit choice, exact from the target's marker.</summary>
[Trait("suite", "kill")]
public sealed class LostDirectoryTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    [Fact]
    public async Task Sync_DirectoryLost_IsRefusedThenExactWithAdoptMarker()
    {
        await using var scene = await StreamingSceneAsync();
        await using (var first = await scene.Sync.StartStreamingAsync())
        {
            await WriteAsync(scene, 30);
            await WhileWritingAsync(scene, async () => await first.KillAsync());
        }

        Directory.Delete(scene.Sync.State, recursive: true);
        await using (var refused = scene.Sync.Start())
        {
            var exit = await refused.WaitForExitAsync();
            Assert.True(exit == 3, refused.Everything);
            Assert.Contains(refused.Error, line => line.Contains("--adopt-marker", StringComparison.Ordinal));
        }

        Directory.Delete(scene.Sync.State, recursive: true);
        await using var adopted = await scene.Sync.StartStreamingAsync(null, "--adopt-marker");
        await WriteAsync(scene, 10);
        await FinishAndCompareAsync(scene, adopted);
    }
}
