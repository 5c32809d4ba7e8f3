using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>The disk under the state directory has no more room than the reserve: said loudly, waited out or stopped from cleanly, and exact once there is room.</summary>
[Trait("suite", "kill")]
public sealed class FullDiskTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    private const string Size = "300m"; // the reserve is 256 MB

    [Fact]
    public async Task Sync_DiskFullThenRoomAgain_WaitsAndGoesOn()
    {
        await using var scene = await StreamingSceneAsync();
        await using var disk = await SmallDisk.UnderAsync(scene.Sync.State);
        await using var sync = await FillAsync(scene, disk);
        disk.MakeRoom();
        await sync.WaitForLineAsync("room on the disk again");
        await FinishAndCompareAsync(scene, sync);
    }

    [Fact]
    public async Task Sync_StoppedWithAFullDisk_EndsInTimeAndGoesOnOnceThereIsRoom()
    {
        await using var scene = await StreamingSceneAsync();
        await using var disk = await SmallDisk.UnderAsync(scene.Sync.State);
        await using (var sync = await FillAsync(scene, disk))
        {
            var since = System.Diagnostics.Stopwatch.StartNew();
            var exit = await sync.TerminateAsync();
            Assert.True(exit == 0 && since.Elapsed < TimeSpan.FromSeconds(8), $"exit code {exit} after {since.Elapsed}\n{sync.Everything}");
            Assert.Contains(sync.Error, line => line.Contains("Stopped with a full disk", StringComparison.Ordinal));
        }

        disk.MakeRoom();
        await using var next = await scene.Sync.StartStreamingAsync();
        await FinishAndCompareAsync(scene, next);
    }

    private static async Task<PathwayProcess> FillAsync(Scene scene, SmallDisk disk)
    {
        var sync = await scene.Sync.StartStreamingAsync();
        disk.TakeRoom();
        // More log than lies between two looks at the disk.
        await scene.Database.ExecuteAsync("INSERT INTO orders SELECT 500000 + g, 1 + g % 20, g, 'open', repeat('x', 600) FROM generate_series(1, 6000) g");
        await WriteAsync(scene, 10);
        await sync.WaitForLineAsync("The disk under the commit log is full");
        return sync;
    }

    /// <summary>A file system of its own under a folder, small enough to be filled.</summary>
    private sealed class SmallDisk(string folder) : IAsyncDisposable
    {
        private string Filler => Path.Combine(folder, "filler");

        public static async Task<SmallDisk> UnderAsync(string folder)
        {
            var aside = folder + ".aside";
            Directory.Move(folder, aside);
            Directory.CreateDirectory(folder);
            try
            {
                await Tools.RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", folder);
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                Assert.Skip($"A file system can't be mounted here: {e.Message}");
            }

            await Tools.RunAsync("cp", "-a", aside + "/.", folder);
            return new SmallDisk(folder);
        }

        public void TakeRoom()
        {
            using var file = File.Create(Filler);
            file.Write(new byte[60 << 20]);
        }

        public void MakeRoom() => File.Delete(Filler);

        public async ValueTask DisposeAsync() => await Tools.RunAsync("umount", "-l", folder);
    }
}
