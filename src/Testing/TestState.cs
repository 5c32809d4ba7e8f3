using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Testing;

/// <summary>The durable side of a test pipeline: a log in memory, and RocksDB in a folder where one is given.</summary>
internal sealed class TestState(string? folder, long budgetBytes) : IDisposable
{
    private static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));
    private readonly List<(byte[] Changes, CommitNumber Commit)> _log = [];
    private StateDb? _db;
    private StateStore? _store;
    private CommitNumber _commit;

    /// <summary>The store; null until it is opened.</summary>
    public StateStore? Store => _store;

    /// <summary>A new store over what is durable; operators register, then <see cref="Replay"/>.</summary>
    public StateStore Open()
    {
        Close();
        if (folder is not null) _db = StateDb.Open(folder);
        return _store = new StateStore(_db, new StateOptions { BudgetBytes = budgetBytes });
    }

    public void Replay()
    {
        foreach (var (changes, commit) in _log) _store!.Replay(changes, commit);
    }

    public void Commit()
    {
        using var changes = new StateChanges();
        _commit = _commit.Next();
        _store!.SaveChanges(changes, _commit);
        _log.Add((changes.Bytes.ToArray(), _commit));
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
        _store.Maintain();
    }

    public void Dispose() => Close();

    private void Close()
    {
        _store?.Dispose();
        _db?.Dispose();
        (_store, _db) = (null, null);
    }
}
