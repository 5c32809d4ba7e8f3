using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

[Trait("suite", "unit")]
public sealed class LocalDiskTests
{
    [Fact]
    public void LocalDisk_DoesWhatItSays()
    {
        using var folder = new TemporaryFolder();
        var disk = new LocalDisk();
        var inner = Path.Combine(folder.Path, "a", "b");
        disk.MakeFolder(inner);
        disk.MakeFolder(inner);
        Assert.Empty(disk.List(inner));
        using (var file = disk.Create(Path.Combine(inner, "x")))
        {
            file.Write(3, "abc"u8);
            file.Sync();
            Assert.Equal(6, file.Length);
            var bytes = new byte[10];
            Assert.Equal(4, file.Read(2, bytes));
            Assert.Equal([0, (byte)'a', (byte)'b', (byte)'c'], bytes[..4]);
            file.Truncate(4);
            Assert.Equal(4, file.Length);
        }

        disk.SyncFolder(inner);
        disk.Rename(Path.Combine(inner, "x"), Path.Combine(inner, "y"));
        Assert.Equal(["y"], disk.List(inner));
        disk.Delete(Path.Combine(inner, "y"));
        Assert.Empty(disk.List(inner));
        Assert.True(disk.FreeBytes(inner) > 0);
        Assert.Throws<FileNotFoundException>(() => disk.Open(Path.Combine(inner, "y")));
    }

    [Fact]
    public void SyncFolder_NotThere_Throws() => Assert.Throws<IOException>(() => new LocalDisk().SyncFolder("/no/such/folder"));

    [Fact]
    public void DiskFull_OfTheOperatingSystem_IsRecognized()
    {
        // Linux gives a full disk under this name.
        if (!File.Exists("/dev/full")) return;
        using var stream = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        Assert.True(DiskFullException.Is(Assert.ThrowsAny<IOException>(() => stream.Write("x"u8))));
    }
}
