using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>What tests of refusals share: a sync that has delivered, and the check that a start is refused with a clear message, exit code 3, and nothing written.</summary>
public abstract class RefusalTest(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    /// <summary>A sync that has delivered some changes and stopped.</summary>
    private protected async Task<Scene> DeliveredSceneAsync()
    {
        var scene = await StreamingSceneAsync();
        await using var sync = await scene.Sync.StartStreamingAsync();
        await WriteAsync(scene, 10);
        await FinishAndCompareAsync(scene, sync);
        return scene;
    }

    /// <summary>Starts <paramref name="sync"/>, which has to be refused with words that hold <paramref name="says"/>.</summary>
    private protected async Task RefusedAsync(Scene scene, SyncRun sync, string says)
    {
        var before = await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, Tables);
        await using var refused = sync.Start();
        var exit = await refused.WaitForExitAsync();

        Assert.True(exit == 3, $"exit code {exit} where '{says}' was to be refused\n{refused.Everything}");
        Assert.True(refused.Error.Any(line => line.Contains(says, StringComparison.OrdinalIgnoreCase)), $"nothing says '{says}'\n{refused.Everything}");
        ChangeLog.AssertEqual(before, await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, Tables), "nothing was written");
    }

    /// <summary>What was refused is repaired: the same directory goes on, and nothing is missing or doubled.</summary>
    private protected async Task GoesOnAsync(Scene scene)
    {
        await using var sync = await scene.Sync.StartStreamingAsync();
        await WriteAsync(scene, 5);
        await FinishAndCompareAsync(scene, sync);
    }

    /// <summary>Replaces text in a sync's configuration.</summary>
    private protected static void Reconfigure(SyncRun sync, string old, string replacement)
    {
        var text = File.ReadAllText(sync.Config);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(sync.Config, text.Replace(old, replacement, StringComparison.Ordinal));
    }
}
