using System.Buffers;
using System.Security.Cryptography;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>The snapshots of one pipeline in an object store.</summary>
/// <remarks>
/// Below the pipeline's name: <c>snapshots/ID.json</c>, the manifests, and <c>objects/SHA256</c>, their files by content. So a file that two snapshots share is there once, and a new snapshot takes only
/// the files that are new. Whoever changes the store holds its lock, so no object goes while a snapshot that needs it is being made.
/// </remarks>
public sealed class SnapshotStore(IObjectStore objects, string pipeline)
{
    private string Manifests => pipeline + "/snapshots/";

    private string Objects => pipeline + "/objects/";

    /// <summary>The snapshots, oldest first.</summary>
    public async Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<SnapshotManifest>();
        foreach (var key in await objects.ListAsync(Manifests, cancellationToken).ConfigureAwait(false))
            if (await ReadAsync(key, cancellationToken).ConfigureAwait(false) is { } bytes) found.Add(SnapshotManifest.FromBytes(bytes, $"{objects.Place}/{key}"));
        return found;
    }

    /// <summary>The snapshot called <paramref name="id"/>; the newest for <c>latest</c>.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public async Task<SnapshotManifest> FindAsync(string id, CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken).ConfigureAwait(false);
        return (id == "latest" ? all.LastOrDefault() : all.FirstOrDefault(s => s.Id == id))
            ?? throw new ConfigurationException(all.Count == 0
                ? $"There is no snapshot of '{pipeline}' in {objects.Place}."
                : $"There is no snapshot '{id}' of '{pipeline}' in {objects.Place}. There are: {string.Join(", ", all.Select(s => s.Id))}.");
    }

    /// <summary>Makes a snapshot of a state directory that nobody changes meanwhile.</summary>
    /// <exception cref="RefusalException">The store holds snapshots of another pipeline under this name, or is being changed by somebody else.</exception>
    public async Task<SnapshotManifest> CreateAsync(FrozenState state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Check.That(state.Found.Manifest.Name == pipeline);
        await using var locked = await objects.LockAsync(pipeline, cancellationToken).ConfigureAwait(false);
        var earlier = await ListAsync(cancellationToken).ConfigureAwait(false);
        if (earlier.FirstOrDefault(s => s.Pipeline != state.Found.Manifest.Pipeline) is { } stranger)
        {
            throw new RefusalException(
                $"{objects.Place} holds snapshots of another pipeline of this name", $"'{pipeline}' with identity {stranger.Pipeline}", $"identity {state.Found.Manifest.Pipeline}", "Use a store of its own for each pipeline.");
        }

        var known = earlier.LastOrDefault()?.Files.ToDictionary(f => f.Path) ?? [];
        var files = new List<SnapshotManifest.StoredFile>();
        foreach (var file in state.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stored = await DescribeAsync(file, known, cancellationToken).ConfigureAwait(false);
            await objects.PutFileAsync(Objects + stored.Sha256, file.FullPath, file.IsImmutable, cancellationToken).ConfigureAwait(false);
            files.Add(stored);
        }

        var manifest = state.Describe(now, files);
        await objects.PutAsync($"{Manifests}{manifest.Id}.json", manifest.ToBytes(), cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    /// <summary>Reads every file of a snapshot.</summary>
    /// <returns>What is wrong, a sentence for each file; nothing if all is whole.</returns>
    public async Task<IReadOnlyList<string>> VerifyAsync(SnapshotManifest snapshot, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        foreach (var file in snapshot.Files)
        {
            await using var content = await objects.OpenAsync(Objects + file.Sha256, cancellationToken).ConfigureAwait(false);
            if (content is null) wrong.Add($"{file.Path} is missing");
            else if (await CopyAsync(content, Stream.Null, cancellationToken).ConfigureAwait(false) is var (bytes, hash) && (bytes != file.Bytes || hash != file.Sha256))
                wrong.Add($"{file.Path} is damaged: {bytes} bytes with SHA-256 {hash}, {file.Bytes} with {file.Sha256} were stored");
        }

        return wrong;
    }

    /// <summary>Writes the files of a snapshot into a new state directory; its manifest last, so that half a directory is none.</summary>
    /// <exception cref="ConfigurationException">The directory isn't empty.</exception>
    /// <exception cref="RefusalException">A file of the snapshot is missing or damaged.</exception>
    public async Task RestoreAsync(SnapshotManifest snapshot, string directory, CancellationToken cancellationToken)
    {
        var paths = new StatePaths(Path.GetFullPath(directory));
        if (Directory.Exists(paths.Root) && Directory.EnumerateFileSystemEntries(paths.Root).Any())
            throw new ConfigurationException($"'{paths.Root}' isn't empty. A snapshot is restored into a directory of its own.");
        var disk = new LocalDisk();
        foreach (var file in snapshot.Files.OrderBy(f => f.Path == FrozenState.NameOfManifest))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var to = Path.Combine(paths.Root, file.Path.Replace('/', Path.DirectorySeparatorChar));
            disk.MakeFolder(Path.GetDirectoryName(to)!);
            await using var content = await objects.OpenAsync(Objects + file.Sha256, cancellationToken).ConfigureAwait(false)
                ?? throw Damaged(snapshot, file, "no such file");
            await using var written = new FileStream(to, FileMode.CreateNew, FileAccess.Write);
            if (await CopyAsync(content, written, cancellationToken).ConfigureAwait(false) is var (bytes, hash) && hash != file.Sha256) throw Damaged(snapshot, file, $"{bytes} bytes with SHA-256 {hash}");
            written.Flush(flushToDisk: true);
        }

        (Manifest.Load(paths)! with { RestoredFrom = snapshot.Id }).Save(paths);
        foreach (var folder in Directory.EnumerateDirectories(paths.Root, "*", SearchOption.AllDirectories).Append(paths.Root)) disk.SyncFolder(folder);
    }

    /// <summary>Deletes all but the newest <paramref name="keep"/> snapshots, and the files that none of the others needs.</summary>
    /// <returns>The snapshots that are gone.</returns>
    public async Task<IReadOnlyList<SnapshotManifest>> PruneAsync(int keep, CancellationToken cancellationToken)
    {
        Check.That(keep >= 1);
        await using var locked = await objects.LockAsync(pipeline, cancellationToken).ConfigureAwait(false);
        var all = await ListAsync(cancellationToken).ConfigureAwait(false);
        var gone = all.Take(Math.Max(0, all.Count - keep)).ToList();
        // First those who name the files: a crash in between leaves files without a snapshot, which the next pruning takes, never a snapshot without its files.
        foreach (var snapshot in gone) await objects.DeleteAsync($"{Manifests}{snapshot.Id}.json", cancellationToken).ConfigureAwait(false);
        var needed = all.Skip(gone.Count).SelectMany(s => s.Files).Select(f => Objects + f.Sha256).ToHashSet(StringComparer.Ordinal);
        foreach (var key in await objects.ListAsync(Objects, cancellationToken).ConfigureAwait(false))
            if (!needed.Contains(key)) await objects.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        return gone;
    }

    // A file of RocksDB is written once. One that an earlier snapshot holds isn't read again.
    private static async Task<SnapshotManifest.StoredFile> DescribeAsync(FrozenState.File file, Dictionary<string, SnapshotManifest.StoredFile> known, CancellationToken cancellationToken)
    {
        var facts = new FileInfo(file.FullPath);
        var written = new DateTimeOffset(facts.LastWriteTimeUtc, TimeSpan.Zero);
        if (file.IsImmutable && known.TryGetValue(file.Path, out var same) && same.Bytes == facts.Length && same.WrittenAt == written) return same;
        await using var content = File.OpenRead(file.FullPath);
        var (bytes, hash) = await CopyAsync(content, Stream.Null, cancellationToken).ConfigureAwait(false);
        return new SnapshotManifest.StoredFile(file.Path, bytes, hash, written);
    }

    private static async Task<(long Bytes, string Sha256)> CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            long bytes = 0;
            while (await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                bytes += read;
            }

            return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await using var content = await objects.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        if (content is null) return null;
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
        return copy.ToArray();
    }

    private RefusalException Damaged(SnapshotManifest snapshot, SnapshotManifest.StoredFile file, string found) => new(
        $"snapshot {snapshot.Id} of '{pipeline}' in {objects.Place} isn't whole", $"{file.Path}: {found}", $"{file.Bytes} bytes with SHA-256 {file.Sha256}", "Restore another one (`pathway snapshots list`), and check the store's disk.");
}
