using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

/// <summary>One state directory with its log: commits, checkpoints and restarts as the rooms above do them.</summary>
internal sealed class StateHarness : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(CommitNumber Commit, byte[] Changes)> _log = [];
    private readonly List<byte[]> _open = [];
    private readonly StateOptions _options;
    private StateSpill? _spill;
    private readonly Action<StateStore> _register;

    public StateHarness(StateOptions options, Action<StateStore> register)
    {
        (_options, _register) = (options, register);
        Db = StateDb.Open(_folder.Path);
        Store = new StateStore(Db, options);
        register(Store);
    }

    public StateDb Db { get; private set; }

    public StateStore Store { get; private set; }

    public CommitNumber Committed { get; private set; }

    public int Commit()
    {
        var entries = _spill?.Commit == Committed.Next() ? Spill() : Save();
        Committed = Committed.Next();
        _log.AddRange(_open.Select(changes => (Committed, changes)));
        _open.Clear();
        return entries;
    }

    /// <summary>Takes what changed out of memory before its commit is made; a restart without that commit loses it.</summary>
    public int Spill()
    {
        Checkpoint(Committed);
        Maintain();
        var entries = Save();
        _spill ??= StateSpill.Begin(Db, _folder.Path + "-spill", Committed.Next());
        using (var files = _spill.Write())
        {
            foreach (var (key, value) in Sorted([_open[^1]]))
            {
                if (value is null) files.Delete(key);
                else files.Put(key, value);
            }

            files.End();
        }

        Store.Spilled(_spill);
        return entries;
    }

    /// <summary>As the engine does between two steps.</summary>
    public void Maintain()
    {
        if (_spill is not null && Db.Checkpoint >= _spill.Commit) EndSpill();
        Store.Maintain();
    }

    /// <summary>Folds the log up to a commit, by sorting; the store learns of it only by <see cref="StateStore.Covered"/>.</summary>
    public void Checkpoint(CommitNumber upTo, bool tell = true)
    {
        if (upTo <= Db.Checkpoint) return;
        using (var writer = Db.BeginCheckpoint(upTo))
        {
            foreach (var (key, value) in Sorted(_log.Where(l => l.Commit <= upTo).Select(l => l.Changes)))
            {
                if (value is null) writer.Delete(key);
                else writer.Put(key, value);
            }

            writer.Ingest();
        }

        _log.RemoveAll(l => l.Commit <= upTo);
        if (tell) Store.Covered(upTo);
    }

    public void Restart()
    {
        EndSpill();
        _open.Clear();
        Store.Dispose();
        Db.Dispose();
        Db = StateDb.Open(_folder.Path);
        Store = new StateStore(Db, _options);
        _register(Store);
        foreach (var (commit, changes) in _log) Store.Replay(changes, commit);
    }

    public void Dispose()
    {
        EndSpill();
        Store.Dispose();
        Db.Dispose();
        _folder.Dispose();
    }

    private int Save()
    {
        using var changes = new StateChanges();
        Store.SaveChanges(changes, Committed.Next());
        _open.Add(changes.Bytes.ToArray());
        return changes.Entries;
    }

    private void EndSpill()
    {
        Store.Spilled(null);
        _spill?.Dispose();
        _spill = null;
    }

    private static SortedDictionary<byte[], byte[]?> Sorted(IEnumerable<byte[]> changes)
    {
        var last = new SortedDictionary<byte[], byte[]?>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var bytes in changes)
        {
            ReadOnlySpan<byte> rest = bytes;
            while (StateChanges.TryRead(ref rest, out var key, out var value, out var isDelete)) last[key.ToArray()] = isDelete ? null : value.ToArray();
        }

        return last;
    }
}
