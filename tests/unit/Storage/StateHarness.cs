using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

/// <summary>One state directory with its log: commits, checkpoints and restarts as the rooms above do them.</summary>
internal sealed class StateHarness : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(CommitNumber Commit, byte[] Changes)> _log = [];
    private readonly StateOptions _options;
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
        using var changes = new StateChanges();
        Committed = Committed.Next();
        Store.SaveChanges(changes, Committed);
        _log.Add((Committed, changes.Bytes.ToArray()));
        return changes.Entries;
    }

    /// <summary>Folds the log up to a commit, by sorting; the store learns of it only by <see cref="StateStore.Covered"/>.</summary>
    public void Checkpoint(CommitNumber upTo, bool tell = true)
    {
        if (upTo <= Db.Checkpoint) return;
        var last = new SortedDictionary<byte[], byte[]?>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var (_, bytes) in _log.Where(l => l.Commit <= upTo))
        {
            ReadOnlySpan<byte> rest = bytes;
            while (StateChanges.TryRead(ref rest, out var key, out var value, out var isDelete)) last[key.ToArray()] = isDelete ? null : value.ToArray();
        }

        using (var writer = Db.BeginCheckpoint(upTo))
        {
            foreach (var (key, value) in last)
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
        Store.Dispose();
        Db.Dispose();
        Db = StateDb.Open(_folder.Path);
        Store = new StateStore(Db, _options);
        _register(Store);
        foreach (var (commit, changes) in _log) Store.Replay(changes, commit);
    }

    public void Dispose()
    {
        Store.Dispose();
        Db.Dispose();
        _folder.Dispose();
    }
}
