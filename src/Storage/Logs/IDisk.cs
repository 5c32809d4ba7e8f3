namespace Pathway.Storage;

/// <summary>The only way from the commit log to a disk: so that tests can put a disk under it that forgets what wasn't synced, fails, or is full.</summary>
/// <remarks>Paths are absolute. What a file holds is durable after <see cref="IDiskFile.Sync"/>; that a file exists, has a name or is gone, after <see cref="SyncFolder"/>.</remarks>
public interface IDisk
{
    /// <summary>Makes the folder and those above it, durably, if it isn't there.</summary>
    void MakeFolder(string folder);

    /// <summary>The names of the files in a folder, in ordinal order.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Makes a new file; one of that name is replaced.</summary>
    IDiskFile Create(string path);

    /// <summary>Opens a file that is there, for reading and writing.</summary>
    IDiskFile Open(string path);

    /// <summary>Deletes a file.</summary>
    void Delete(string path);

    /// <summary>Gives a file another name, replacing what has it.</summary>
    void Rename(string from, string to);

    /// <summary>Makes the folder's entries durable: names, new files, deletions.</summary>
    void SyncFolder(string folder);

    /// <summary>Bytes that can still be written below the folder.</summary>
    long FreeBytes(string folder);
}

/// <summary>A file of an <see cref="IDisk"/>. Reads and writes at different places may run at the same time.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Its length.</summary>
    long Length { get; }

    /// <summary>Reads at <paramref name="offset"/>; fewer bytes than asked only at the end.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Writes at <paramref name="offset"/>.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts it.</summary>
    void Truncate(long length);

    /// <summary>Makes everything written durable.</summary>
    void Sync();
}
