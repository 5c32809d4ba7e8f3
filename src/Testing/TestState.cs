using Pathway.Core;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway.Testing;

/// <summary>The durable side of a test pipeline: a log in memory, and RocksDB in a folder where one is given.</summary>
internal sealed class TestState(string? folder, long budgetBytes) : IDisposable
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));
    private readonly List<(byte[] Changes, CommitNumber Commit)> _log = [];
    private readonly List<byte[]> _open = [];    // what the commit to come has spilled
    private StateDb? _db;
    private StateStores? _store;
    private CommitNumber _commit;

    /// <summary>The store; null until it is opened.</summary>
    public StateStores? Store => _store;

    /// <summary>A new store over what is durable; operators register, then <see cref="Replay"/>.</summary>
    public StateStores Open(int workers)
    {
        Close();
        _open.Clear();
        if (folder is not null) _db = StateDb.Open(folder);
        return _store = new StateStores(_db, new StateOptions { BudgetBytes = budgetBytes }, workers);
    }

    public void Replay()
    {
        foreach (var (changes, commit) in _log) _store!.Replay(changes, commit);
    }

    /// <summary>Saves what the states of <paramref name="engine"/> changed.</summary>
    public void Commit(PipelineEngine engine)
    {
        if (_store!.HasSpilled(_commit.Next())) Spill(engine);
        else _open.AddRange(Save(engine));
        _commit = _commit.Next();
        _log.AddRange(_open.Select(changes => (changes, _commit)));
        _open.Clear();
    }

    /// <summary>Takes what the states changed out of memory, though no commit is made.</summary>
    public void Spill(PipelineEngine engine)
    {
        if (_db is null) return;
        Checkpoint();
        var changes = Save(engine);
        _open.AddRange(changes);
        using (var files = _store!.BeginSpill(_commit.Next(), folder + "-spill").Write())
        {
            foreach (var (key, value) in Sorted(changes))
            {
                if (value is null) files.Delete(key);
                else files.Put(key, value);
            }

            files.End();
        }

        _store.Spilled();
    }

    /// <summary>Folds the log into RocksDB, so that its entries may be evicted.</summary>
    public void Checkpoint()
    {
        if (_db is null || _log.Count == 0) return;
        using (var writer = _db.BeginCheckpoint(_commit))
        {
            foreach (var (key, value) in Sorted(_log.Select(l => l.Changes)))
            {
                if (value is null) writer.Delete(key);
                else writer.Put(key, value);
            }

            writer.Ingest();
        }

        _log.Clear();
        _store!.Covered(_commit);
    }

    public void Dispose() => Close();

    private List<byte[]> Save(PipelineEngine engine)
    {
        StateChanges[] changes = [.. Enumerable.Range(0, _store!.ChangesOfCommit).Select(_ => new StateChanges())];
        engine.SaveChanges(changes, _commit.Next());
        var bytes = changes.Select(c => c.Bytes.ToArray()).ToList();
        foreach (var each in changes) each.Dispose();
        return bytes;
    }

    // The last change of each key counts.
    private static SortedDictionary<byte[], byte[]?> Sorted(IEnumerable<byte[]> changes)
    {
        var last = new SortedDictionary<byte[], byte[]?>(ByBytes);
        foreach (var bytes in changes)
        {
            ReadOnlySpan<byte> rest = bytes;
            while (StateChanges.TryRead(ref rest, out var key, out var value, out var isDelete)) last[key.ToArray()] = isDelete ? null : value.ToArray();
        }

        return last;
    }

    private void Close()
    {
        _store?.Dispose();
        _db?.Dispose();
        (_store, _db) = (null, null);
    }
}
