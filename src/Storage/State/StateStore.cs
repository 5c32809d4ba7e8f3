using System.Buffers;
using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>The state of one worker: the typed caches of its operators, for the shards that it owns, in front of one RocksDB.</summary>
/// <remarks>
/// Order: every operator registers its state (<see cref="Keyed"/>, <see cref="Arrange"/>), then <see cref="Replay"/> of what the log holds behind the checkpoint, then epochs, with
/// <see cref="SaveChanges"/> at each commit and <see cref="Maintain"/> between epochs. One thread, but for <see cref="Covered"/> and <see cref="WantsCheckpoint"/>. Entries that changed since the last checkpoint can't be evicted:
/// a part of the budget that is full of them asks for a commit (<see cref="WantsCommit"/>) and a checkpoint (<see cref="WantsCheckpoint"/>), and where nothing else is left, no more input may come (<see cref="IsFull"/>). Where no commit
/// can be made, what changed goes into a <see cref="StateSpill"/> (<see cref="WantsSpill"/>). It doesn't own the <see cref="StateDb"/>, nor the spill.
/// </remarks>
public sealed class StateStore : IDisposable
{
    private const int FuelMin = 16_384;

    /// <summary>However much memory there is: what changed is encoded at a commit, and waits in memory until it is written.</summary>
    private const long DirtyBytesMax = 64 << 20;

    private readonly StateBudget _budget;
    private readonly List<IState> _states = [];
    private readonly List<IOrders> _orders = [];
    private readonly Dictionary<uint, IState> _byId = [];
    private ulong _covered;    // written by any thread, volatile
    private long _addedBefore;
    private long _reported;    // what the budget counts for this store
    private int _sweeping;
    private ulong _stuckAt = ulong.MaxValue;    // the covered commit at which nothing more could be evicted
    private bool _wantsCheckpoint;    // read by any thread

    /// <summary>The state of a single worker over <paramref name="durable"/>; purely in memory where that is null.</summary>
    public StateStore(StateDb? durable, StateOptions options)
        : this(durable, new StateBudget(options.BudgetBytes, 1), ShardRange.All)
    {
    }

    internal StateStore(StateDb? durable, StateBudget budget, ShardRange shards)
    {
        (Durable, _budget, Shards) = (durable, budget, shards);
        _covered = durable?.Checkpoint.Value ?? 0;
        Uncovered.Cover(_covered);
    }

    /// <summary>Whether so much of the full caches isn't covered by a checkpoint that one is wanted now. Any thread; as of the last <see cref="Maintain"/>.</summary>
    public bool WantsCheckpoint => Volatile.Read(ref _wantsCheckpoint);

    /// <summary>Whether so much changed since the last commit that one is wanted now. As of the last <see cref="Maintain"/>.</summary>
    public bool WantsCommit { get; private set; }

    /// <summary>Whether the caches hold more than they may, and only a commit and a checkpoint can change that. As of the last <see cref="Maintain"/>.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether the caches are half full, and a good part of that is what changed since the last commit: where none can be made, it should be spilled, which itself takes memory. As of the last <see cref="Maintain"/>.</summary>
    public bool WantsSpill { get; private set; }

    /// <summary>What the budget counts for all caches.</summary>
    public long CacheBytes
    {
        get
        {
            long bytes = 0;
            foreach (var state in _states) bytes += state.CacheBytes;
            foreach (var orders in _orders) bytes += orders.Bytes;
            return bytes;
        }
    }

    /// <summary>The shards that it owns.</summary>
    internal ShardRange Shards { get; }

    /// <summary>RocksDB; null if purely in memory.</summary>
    internal StateDb? Durable { get; }

    /// <summary>What lies in front of RocksDB; null mostly.</summary>
    internal StateSpill? Spill { get; private set; }

    /// <summary>Entries last saved at or before it are in RocksDB, or in the spill: as long as there is one, a later checkpoint counts for nothing, since what the spill says would hide it.</summary>
    internal ulong CoveredCommit
    {
        get
        {
            var covered = Volatile.Read(ref _covered);
            return Spill is null ? covered : Math.Min(covered, Spill.Commit.Value);
        }
    }

    /// <summary>What no checkpoint covers.</summary>
    internal UncoveredBytes Uncovered { get; } = new();

    /// <summary>How many bytes may still come into the caches.</summary>
    internal long RoomBytes => _budget.Parts == 1 ? _budget.Bytes - CacheBytes : Math.Min(_budget.Bytes - _budget.Used + _reported, _budget.Bytes / _budget.Parts) - CacheBytes;

    /// <summary>How many bytes of files are read into a cache at the start: decoded they take about four times as much, and a start shouldn't take seconds. Larger states are read entry by entry, when they are asked for.</summary>
    internal long LoadMax => Math.Min(RoomBytes / 4, 32L << 20);

    /// <summary>What the orders of one state may take, before they are forgotten.</summary>
    internal long OrdersMax => _budget.Bytes / _budget.Parts / 4;

    /// <summary>Whether an operator of this number is registered.</summary>
    internal bool Knows(OperatorId id) => _byId.ContainsKey(id.Value);

    /// <summary>Registers the state of an operator: key → value.</summary>
    /// <exception cref="ConfigurationException">The key or the value can't be stored.</exception>
    public KeyedState<TKey, TValue> Keyed<TKey, TValue>(OperatorId id)
        where TKey : notnull => Register(new KeyedState<TKey, TValue>(this, id));

    /// <summary>Registers the state of an operator: key → rows with weights.</summary>
    /// <exception cref="ConfigurationException">The key or the row can't be stored.</exception>
    public Arrangement<TKey, TRow> Arrange<TKey, TRow>(OperatorId id)
        where TKey : notnull => Register(new Arrangement<TKey, TRow>(this, id));

    /// <summary>Registers the state of an operator: key → rows with weights, in the order of the rows.</summary>
    /// <exception cref="ConfigurationException">The key or the row can't be stored.</exception>
    public OrderedState<TKey, TRow> Ordered<TKey, TRow>(OperatorId id)
        where TKey : notnull
    {
        var state = new OrderedState<TKey, TRow>(this, Arrange<TKey, TRow>(id), RowOrder.Of<TRow>());
        _orders.Add(state);
        return state;
    }

    /// <summary>The keys of the stored state <paramref name="id"/> (<see cref="KeyedState{TKey, TValue}"/>) that this store owns, whoever wrote it: its values aren't looked at.</summary>
    public IEnumerable<TKey> KeysOf<TKey>(OperatorId id)
        where TKey : notnull
    {
        if (Durable is null) return [];
        var (keys, whole) = (KeyCodec<TKey>.Default, KeyCodec<TKey>.Default.IsExact ? null : RowCodec<TKey>.Default);
        return Entries(KeyRange.Of(id, Shards)).Select(entry =>
        {
            var rest = entry.Key.AsSpan(StateKey.PrefixBytes);
            ReadOnlySpan<byte> bytes = rest;
            return whole is null ? keys.Read(ref bytes) : whole.Read(entry.Value, out _);
        });
    }

    /// <summary>Encodes every dirty entry of every state once into <paramref name="changes"/>; they belong to <paramref name="commit"/> from now on.</summary>
    public void SaveChanges(StateChanges changes, CommitNumber commit)
    {
        foreach (var state in _states)
        {
            state.SaveChanges(changes, commit.Value);
            state.Trim();
        }
    }

    /// <summary>Takes back what <see cref="SaveChanges"/> wrote for <paramref name="commit"/>; in the order of the commits, before any other use.</summary>
    /// <exception cref="RefusalException">The changes belong to an operator that isn't registered, or can't be read.</exception>
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
            ReplayEntry(key, copy.AsMemory(0, value.Length), isDelete, commit);
        }

        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>Takes one entry back.</summary>
    internal void ReplayEntry(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, bool isDelete, CommitNumber commit)
    {
        Check.That(commit.Value > CoveredCommit);
        StateOf(key).Replay(key, value, isDelete, commit.Value);
    }

    /// <summary>A checkpoint holds everything up to <paramref name="checkpoint"/>: entries last saved at or before it may be evicted. Any thread.</summary>
    public void Covered(CommitNumber checkpoint)
    {
        var before = Volatile.Read(ref _covered);
        while (checkpoint.Value > before)
        {
            var seen = Interlocked.CompareExchange(ref _covered, checkpoint.Value, before);
            if (seen == before) return;
            before = seen;
        }
    }

    /// <summary>All that was saved so far lies in <paramref name="spill"/>, or in RocksDB; null: the checkpoint holds what lay in the spill.</summary>
    public void Spilled(StateSpill? spill)
    {
        Spill = spill;
        _stuckAt = ulong.MaxValue;
        if (spill is not null) Covered(spill.Commit);
    }

    /// <summary>Frees covered tombstones and evicts while the caches are over their budget. Between epochs; bounded work, in proportion to what came in since the last call.</summary>
    public void Maintain()
    {
        if (Durable is null) return;
        long added = 0;
        foreach (var state in _states) added += state.Added;
        var fuel = (int)Math.Min(FuelMin + 4 * (added - _addedBefore), int.MaxValue);
        _addedBefore = added;
        Uncovered.Cover(CoveredCommit);
        foreach (var state in _states) fuel = state.FreeTombstones(fuel);
        var excess = ReportAndExceed();
        var share = _budget.Bytes / _budget.Parts;
        var isAlmostFull = excess > -share / 4;
        Sweep(ref fuel, ref excess);
        if (excess > share / 16 && _stuckAt != CoveredCommit)
        {
            // The hand was too slow for what came in, or the limit was lowered.
            fuel = int.MaxValue;
            Sweep(ref fuel, ref excess);
            foreach (var orders in _orders)
            {
                if (excess <= 0) break;
                excess -= orders.Bytes;
                orders.Forget();
            }

            if (excess > share / 16) _stuckAt = CoveredCommit;
        }

        var dirtyMax = Math.Min(share / 8, DirtyBytesMax);
        var isOver = excess > share / 16;
        var dirty = isOver || CacheBytes > dirtyMax ? DirtyBytes : 0;    // which is counted, slot by slot
        IsFull = isOver && (Uncovered.Total > 0 || dirty > 0);
        WantsCommit = dirty > dirtyMax;
        WantsSpill = WantsCommit && excess > -share / 2;
        Volatile.Write(ref _wantsCheckpoint, isAlmostFull && (Uncovered.Total > share / 4 || (IsFull && Uncovered.Total > 0)));
    }

    /// <summary>What is stored under <paramref name="key"/>, copied into <paramref name="buffer"/>.</summary>
    internal bool TryRead(ReadOnlySpan<byte> key, ref byte[] buffer, out int length) =>
        Spill is not null && Spill.TryGet(key, ref buffer, out length) ? length >= 0 : Durable!.TryGet(key, ref buffer, out length);

    /// <summary>Whether many keys may be read at once (<see cref="StateDb.Read"/>): not while something lies in front of RocksDB.</summary>
    internal bool ReadsBatches => Spill is null && Durable is not null;

    /// <summary>Shows everything stored whose key begins with <paramref name="prefix"/>, in the order of the keys.</summary>
    internal void Scan(byte[] prefix, ScanCallback each)
    {
        if (Spill is null)
        {
            Durable!.Scan(prefix, each);
            return;
        }

        foreach (var (key, value) in Entries(new KeyRange(prefix, prefix, null)))
            if (!each(key, value)) return;
    }

    /// <summary>Everything stored in <paramref name="range"/>, in the order of the keys.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Entries(KeyRange range) => Spill is null ? Durable!.Entries(range) : Spill.Over(Durable!.Entries(range), range);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var state in _states)
            if (state is IDisposable disposable) disposable.Dispose();
    }

    // The hand goes through one state after the other, at most twice round: once to take the second chances, once to evict.
    private void Sweep(ref int fuel, ref long excess)
    {
        for (var turns = 2 * _states.Count; turns > 0 && fuel > 0 && excess > 0; turns--)
            if (_states[_sweeping].Sweep(ref fuel, ref excess)) _sweeping = (_sweeping + 1) % _states.Count;
    }

    private long DirtyBytes
    {
        get
        {
            long bytes = 0;
            foreach (var state in _states) bytes += state.DirtyBytes;
            return bytes;
        }
    }

    /// <summary>Tells the budget what the caches hold, and gives what has to go, of what all workers hold too much this one's share; negative while there is room.</summary>
    private long ReportAndExceed()
    {
        var bytes = CacheBytes;
        if (_budget.Parts == 1) return bytes - _budget.Bytes;
        _budget.Add(bytes - _reported);
        _reported = bytes;
        var used = _budget.Used;
        return used == 0 ? -_budget.Bytes / _budget.Parts : (long)Math.Ceiling((used - _budget.Bytes) * ((double)bytes / used));
    }

    private TState Register<TState>(TState state)
        where TState : IState
    {
        Check.That(state.Id.Value != 0);
        Check.That(_byId.TryAdd(state.Id.Value, state));
        _states.Add(state);
        state.Load();
        if (_budget.Parts > 1) ReportAndExceed();
        return state;
    }

    private IState StateOf(ReadOnlySpan<byte> key)
    {
        var id = key.Length < StateKey.PrefixBytes ? 0 : BinaryPrimitives.ReadUInt32BigEndian(key);
        if (_byId.TryGetValue(id, out var state)) return state;
        throw new RefusalException(
            "the log holds state of an operator that isn't in the plan", $"operator {id}", $"one of {string.Join(", ", _byId.Keys.Order())}",
            "Start with the plan that wrote the state, or accept the new plan.");
    }
}
