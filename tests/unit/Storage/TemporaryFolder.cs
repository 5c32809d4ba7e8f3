namespace Pathway.Tests.Unit.Storage;

/// <summary>A folder that lives as long as a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pathway-state-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
