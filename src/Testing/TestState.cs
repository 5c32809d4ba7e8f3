using Pathway.Core;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway.Testing;

/// <summary>The durable side of a test pipeline: a log in memory, and RocksDB in a folder where one is given.</summary>
internal sealed class TestState(string? folder, long budgetBytes) : IDisposable
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));
    private readonly List<(byte[] Changes, CommitNumber Commit)> _log = [];
    private StateDb? _db;
    private StateStores? _store;
    private CommitNumber _commit;

    /// <summary>The store; null until it is opened.</summary>
    public StateStores? Store => _store;

    /// <summary>A new store over what is durable; operators register, then <see cref="Replay"/>.</summary>
    public StateStores Open(int workers)
    {
        Close();
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
        StateChanges[] changes = [.. Enumerable.Range(0, _store!.ChangesOfCommit).Select(_ => new StateChanges())];
        _commit = _commit.Next();
        engine.SaveChanges(changes, _commit);
        foreach (var each in changes)
        {
            _log.Add((each.Bytes.ToArray(), _commit));
            each.Dispose();
        }
    }

    /// <summary>Folds the log into RocksDB, so that its entries may be evicted.</summary>
    public void Checkpoint()
    {
        if (_db is null || _log.Count == 0) return;
        var last = new SortedDictionary<byte[], byte[]?>(ByBytes);
        foreach (var (bytes, _) in _log)
        {
            ReadOnlySpan<byte> rest = bytes;
            while (StateChanges.TryRead(ref rest, out var key, out var value, out var isDelete)) last[key.ToArray()] = isDelete ? null : value.ToArray();
        }

        using (var writer = _db.BeginCheckpoint(_commit))
        {
            foreach (var (key, value) in last)
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

    private void Close()
    {
        _store?.Dispose();
        _db?.Dispose();
        (_store, _db) = (null, null);
    }
}
