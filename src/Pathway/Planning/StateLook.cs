using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Planning;

/// <summary>Looks at a state directory without changing anything: which plan wrote it, and how large its states are. Sizes aren't known while a pipeline runs on it.</summary>
internal sealed class StateLook : IDisposable
{
    private readonly DirectoryLock? _lock;
    private readonly StateDb? _db;

    private StateLook(Manifest manifest, DirectoryLock? taken, StateDb? db) => (Manifest, _lock, _db) = (manifest, taken, db);

    /// <summary>The manifest of the plan that the state belongs to.</summary>
    public Manifest Manifest { get; }

    /// <summary>Looks at <paramref name="directory"/>; null if nothing was written there yet.</summary>
    /// <exception cref="RefusalException">What is there can't be read.</exception>
    public static StateLook? At(string directory)
    {
        var paths = new StatePaths(Path.GetFullPath(directory));
        if (Manifest.Load(paths) is not { } manifest) return null;
        DirectoryLock? taken = null;
        try
        {
            taken = DirectoryLock.Take(paths);
        }
        catch (RefusalException)
        {
            return new StateLook(manifest, null, null); // it runs: a change that had begun is over or will be
        }

        try
        {
            if (manifest.Transition is { } begun && LogInspection.Run(new LocalDisk(), paths.Log, static _ => { }).Last.Value <= begun.Behind) manifest = manifest.Reverted();
            return new StateLook(manifest, taken, StateDb.OpenReadOnly(paths.State));
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>About how many bytes RocksDB has of a step's states.</summary>
    public long? BytesOf(string path) => _db is null ? null : Manifest.Operators.Where(o => o.Key == path || o.Key.StartsWith(path + '.', StringComparison.Ordinal)).Sum(o => _db.BytesOf(new OperatorId(o.Value)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _db?.Dispose();
        _lock?.Dispose();
    }
}
