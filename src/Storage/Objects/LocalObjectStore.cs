using System.Runtime.InteropServices;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Objects as files below a directory.</summary>
/// <remarks>
/// A file whose content never changes gets a second name (a hard link) where directory and file are on one file system: that takes no room, and no time. Such an object shares the file's
/// blocks on the disk; what protects against the loss of a disk is a directory on another one, where everything is copied.
/// </remarks>
public sealed partial class LocalObjectStore(string directory) : IObjectStore
{
    private const string Unfinished = ".part";
    private readonly string _root = Path.GetFullPath(directory);
    private readonly LocalDisk _disk = new();

    /// <inheritdoc/>
    public string Place => _root;

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> LockAsync(string prefix, CancellationToken cancellationToken)
    {
        var path = PathOf(prefix + "/lock");
        _disk.MakeFolder(Path.GetDirectoryName(path)!);
        try
        {
            return ValueTask.FromResult<IAsyncDisposable>(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new RefusalException($"'{Path.GetDirectoryName(path)}' is in use", $"a lock that another process holds ({e.Message})", "a store that one process changes at a time", "Wait until the other one is done.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(string key, CancellationToken cancellationToken) => ValueTask.FromResult(File.Exists(PathOf(key)));

    /// <inheritdoc/>
    public async Task PutFileAsync(string key, string path, bool isImmutable, CancellationToken cancellationToken)
    {
        var to = PathOf(key);
        if (File.Exists(to)) return;
        _disk.MakeFolder(Path.GetDirectoryName(to)!);
        if (!isImmutable || !TryLink(path, to))
        {
            await using var from = File.OpenRead(path);
            await WriteAsync(to, from, cancellationToken).ConfigureAwait(false);
        }

        _disk.SyncFolder(Path.GetDirectoryName(to)!);
    }

    /// <inheritdoc/>
    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var to = PathOf(key);
        _disk.MakeFolder(Path.GetDirectoryName(to)!);
        await using var from = new MemoryStream(content.ToArray(), writable: false);
        await WriteAsync(to, from, cancellationToken).ConfigureAwait(false);
        _disk.SyncFolder(Path.GetDirectoryName(to)!);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return Task.FromResult<Stream?>(File.Exists(path) ? File.OpenRead(path) : null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (File.Exists(PathOf(key))) File.Delete(PathOf(key));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        // The prefix may end in the middle of a name.
        var folder = PathOf(prefix.Contains('/', StringComparison.Ordinal) ? prefix[..prefix.LastIndexOf('/')] : "");
        IReadOnlyList<string> keys = !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(Unfinished, StringComparison.Ordinal))
                .Select(f => Path.GetRelativePath(_root, f).Replace('\\', '/')).Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        return Task.FromResult(keys);
    }

    private async Task WriteAsync(string to, Stream from, CancellationToken cancellationToken)
    {
        var beside = to + Unfinished;
        await using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            await from.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        _disk.Rename(beside, to);
    }

    private string PathOf(string key)
    {
        foreach (var part in key.Split('/')) Check.That(part is not ("." or ".."));
        return Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));
    }

    // Another file system, or one without links: then it is copied.
    private static bool TryLink(string path, string to) => !OperatingSystem.IsWindows() && Link(path, to) == 0;

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
