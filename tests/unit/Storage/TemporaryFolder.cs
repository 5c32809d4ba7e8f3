namespace Pathway.Tests.Unit.Storage;

/// <summary>A folder that lives as long as a test.</summary>
/// <param name="inMemory">Whether the content matters and not what a disk does with it: then it lies in memory, where the system offers that.</param>
internal sealed class TemporaryFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"pathway-state-{Guid.NewGuid():n}")).FullName
        : Directory.CreateTempSubdirectory("pathway-state-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
