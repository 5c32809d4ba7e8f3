using System.Buffers;
using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>The state of a whole process: a <see cref="StateStore"/> for each worker, each with the shards that it owns, under one budget.</summary>
/// <remarks>
/// Where shards lie depends on their number only, so a restart with another number of workers reads the same entries into other caches. Order as for <see cref="StateStore"/>; each store is used by one
/// thread at a time, what stands here by one thread while none of them is used, but for <see cref="Covered"/> and <see cref="WantsCheckpoint"/>.
/// </remarks>
public sealed class StateStores : IDisposable
{
    private readonly StateStore[] _stores;
    private readonly StateBudget _budget;
    private readonly StateDb? _durable;
    private StateSpill? _spill;

    /// <summary>The state over <paramref name="durable"/>; purely in memory where that is null.</summary>
    public StateStores(StateDb? durable, StateOptions options, int workers = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, ShardRange.Count);
        _durable = durable;
        _budget = new StateBudget(options.BudgetBytes, workers);
        _stores = [.. Enumerable.Range(0, workers).Select(w => new StateStore(durable, _budget, ShardRange.Of(w, workers)))];
        Whole = workers == 1 ? _stores[0] : new StateStore(durable, _budget, ShardRange.All);
    }

    /// <summary>How many workers there are.</summary>
    public int Workers => _stores.Length;

    /// <summary>The store of worker <paramref name="worker"/>.</summary>
    public StateStore this[int worker] => _stores[worker];

    /// <summary>The state of operators that have all their rows on the first worker, whatever their keys; used by that worker's thread.</summary>
    public StateStore Whole { get; }

    /// <summary>How many <see cref="StateChanges"/> a commit takes.</summary>
    public int ChangesOfCommit => _stores.Length == 1 ? 1 : _stores.Length + 1;

    /// <inheritdoc cref="StateStore.WantsCheckpoint"/>
    public bool WantsCheckpoint => Whole.WantsCheckpoint || Array.Exists(_stores, s => s.WantsCheckpoint);

    /// <inheritdoc cref="StateStore.WantsCommit"/>
    public bool WantsCommit => Whole.WantsCommit || Array.Exists(_stores, s => s.WantsCommit);

    /// <inheritdoc cref="StateStore.WantsSpill"/>
    public bool WantsSpill => _durable is not null && (Whole.WantsSpill || Array.Exists(_stores, s => s.WantsSpill));

    /// <summary>The commit up to which RocksDB holds the state. Any thread.</summary>
    public CommitNumber Checkpoint => _durable?.Checkpoint ?? CommitNumber.None;

    /// <summary>Whether something lies in front of RocksDB that the commit <paramref name="commit"/> is to hold.</summary>
    public bool HasSpilled(CommitNumber commit) => _spill?.Commit == commit;

    /// <inheritdoc cref="StateStore.IsFull"/>
    public bool IsFull => Whole.IsFull || Array.Exists(_stores, s => s.IsFull);

    /// <summary>Whether a checkpoint could cover something. As of the last <see cref="Maintain"/>.</summary>
    public bool HasUncovered => Whole.Uncovered.Total > 0 || Array.Exists(_stores, s => s.Uncovered.Total > 0);

    /// <summary>The limit of <see cref="CacheBytes"/>; may be changed at any time, and holds from the next <see cref="Maintain"/> on.</summary>
    public long CacheBytesMax
    {
        get => _budget.Bytes;
        set => _budget.Bytes = value;
    }

    /// <inheritdoc cref="StateStore.CacheBytes"/>
    public long CacheBytes => _stores.Sum(s => s.CacheBytes) + (_stores.Length == 1 ? 0 : Whole.CacheBytes);

    /// <summary>Encodes what is dirty in the states of <paramref name="worker"/> into its place in <paramref name="changes"/>. May run for several workers at once.</summary>
    public void SaveChanges(int worker, IReadOnlyList<StateChanges> changes, CommitNumber commit)
    {
        _stores[worker].SaveChanges(changes[worker], commit);
        if (worker == 0 && _stores.Length > 1) Whole.SaveChanges(changes[^1], commit);
    }

    /// <summary>The spill of <paramref name="commit"/>, into which goes what was saved for it; begun in <paramref name="folder"/>. Everything before that commit is in RocksDB.</summary>
    public StateSpill BeginSpill(CommitNumber commit, string folder)
    {
        ForgetSpill();
        _spill ??= StateSpill.Begin(_durable!, folder, commit);
        Check.That(_spill.Commit == commit);
        return _spill;
    }

    /// <summary>The spill holds everything that was saved for its commit so far: it may be evicted.</summary>
    public void Spilled()
    {
        foreach (var store in _stores) store.Spilled(_spill);
        Whole.Spilled(_spill);
    }

    /// <summary>Deletes the spill, once RocksDB holds its commit.</summary>
    public void ForgetSpill()
    {
        if (_spill is null || _durable!.Checkpoint < _spill.Commit) return;
        _spill.Dispose();
        _spill = null;
        Spilled();
    }

    /// <summary>Keeps the caches of <paramref name="worker"/> within the budget; see <see cref="StateStore.Maintain"/>. May run for several workers at once.</summary>
    public void Maintain(int worker)
    {
        _stores[worker].Maintain();
        if (worker == 0 && _stores.Length > 1) Whole.Maintain();
    }

    /// <inheritdoc cref="StateStore.Replay"/>
    public void Replay(ReadOnlySpan<byte> changes, CommitNumber commit)
    {
        var copy = ArrayPool<byte>.Shared.Rent(1024);
        while (StateChanges.TryRead(ref changes, out var key, out var value, out var isDelete))
        {
            if (copy.Length < value.Length)
            {
                ArrayPool<byte>.Shared.Return(copy);
                copy = ArrayPool<byte>.Shared.Rent(value.Length);
            }

            value.CopyTo(copy);
            OwnerOf(key).ReplayEntry(key, copy.AsMemory(0, value.Length), isDelete, commit);
        }

        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <inheritdoc cref="StateStore.Covered"/>
    public void Covered(CommitNumber checkpoint)
    {
        foreach (var store in _stores) store.Covered(checkpoint);
        Whole.Covered(checkpoint);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var store in _stores) store.Dispose();
        Whole.Dispose();
        _spill?.Dispose();
    }

    private StateStore OwnerOf(ReadOnlySpan<byte> key)
    {
        if (_stores.Length == 1 || key.Length < StateKey.PrefixBytes) return _stores[0];
        return Whole.Knows(new OperatorId(BinaryPrimitives.ReadUInt32BigEndian(key))) ? Whole : _stores[ShardRange.OwnerOf(key[StateKey.PrefixBytes - 1], _stores.Length)];
    }
}
