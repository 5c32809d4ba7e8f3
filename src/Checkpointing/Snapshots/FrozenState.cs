using System.Globalization;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>A state directory at one commit, which nobody changes: what a snapshot is made of.</summary>
/// <remarks>Either the directory of a pipeline that doesn't run, held by its lock; or, of one that runs, a folder with second names of RocksDB's files and a copy of the log.</remarks>
public sealed class FrozenState : IDisposable
{
    /// <summary>The file that says whose state it is.</summary>
    internal const string NameOfManifest = "pipeline.json";

    private readonly StatePaths _paths;
    private readonly IDisposable? _lock; // null: a copy of our own
    private StateInspection? _found;

    private FrozenState(StatePaths paths, IDisposable? taken) => (_paths, _lock) = (paths, taken);

    /// <summary>What is in it. Read when it is first asked for, which takes as long as the log is: not where checkpoints wait for it.</summary>
    /// <exception cref="RefusalException">Damaged.</exception>
    public StateInspection Found => _found ??= StateInspection.Read(_paths, verify: false);

    internal IEnumerable<File> Files => FilesOf(_paths);

    /// <summary>The state directory of a pipeline that doesn't run.</summary>
    /// <exception cref="ConfigurationException">There is no state directory.</exception>
    /// <exception cref="RefusalException">In use.</exception>
    public static FrozenState Of(string directory)
    {
        var paths = new StatePaths(Path.GetFullPath(directory));
        StateInspection.RequireManifest(paths);
        return new FrozenState(paths, DirectoryLock.Take(paths));
    }

    /// <summary>What <paramref name="folder"/> holds now, while its pipeline runs. To be called where checkpoints are made: no log is deleted meanwhile.</summary>
    internal static FrozenState Of(StateFolder folder)
    {
        var (from, to) = (folder.Paths, new StatePaths(folder.Paths.Frozen));
        if (Directory.Exists(to.Root)) Directory.Delete(to.Root, recursive: true);
        Directory.CreateDirectory(to.Root);
        folder.Db.LinkTo(to.State);
        // What is durable now is in the copies; behind it may stand the beginning of a commit, which nobody counts.
        Directory.CreateDirectory(to.Log);
        foreach (var segment in folder.Log.Segments) System.IO.File.Copy(Path.Combine(from.Log, segment.Name), Path.Combine(to.Log, segment.Name));
        System.IO.File.Copy(from.Manifest, to.Manifest);
        return new FrozenState(to, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_lock is null) Directory.Delete(_paths.Root, recursive: true);
        else _lock.Dispose();
    }

    internal SnapshotManifest Describe(DateTimeOffset now, IReadOnlyList<SnapshotManifest.StoredFile> files)
    {
        var commit = Found.Last?.Summary.Number ?? CommitNumber.None;
        return new SnapshotManifest
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{commit.Value}"),
            Name = Found.Manifest.Name, Pipeline = Found.Manifest.Pipeline, Incarnation = Found.Manifest.Current.Value, At = now,
            Commit = commit.Value, Checkpoint = Found.Checkpoint.Value,
            Frontier = (Found.Last?.Summary.Frontier ?? Frontier.Empty).Positions.ToDictionary(p => p.Key, p => p.Value.Text),
            Targets = [.. Found.Targets.Select(t => new SnapshotManifest.Outbox(t.Target, t.Delivered?.Commit.Value ?? 0, t.Rows))],
            Files = files,
        };
    }

    private static IEnumerable<File> FilesOf(StatePaths paths)
    {
        yield return new File(NameOfManifest, paths.Manifest, IsImmutable: false);
        foreach (var path in new LocalDisk().List(paths.Log)) yield return new File("log/" + path, Path.Combine(paths.Log, path), IsImmutable: false);
        foreach (var name in new LocalDisk().List(paths.State))
        {
            // What RocksDB tells people, and its lock.
            if (name == "LOCK" || name.StartsWith("LOG", StringComparison.Ordinal)) continue;
            yield return new File("state/" + name, Path.Combine(paths.State, name), name.EndsWith(".sst", StringComparison.Ordinal));
        }
    }

    /// <summary>One file of it.</summary>
    internal readonly record struct File(string Path, string FullPath, bool IsImmutable);
}
