using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Key → value: the point state of aggregates and upserts.</summary>
/// <remarks>
/// A cache of decoded entries in front of RocksDB. References to values are valid until the next call. Used by one thread.
/// Where reading a key back would lose something that its equality doesn't see (the scale of a decimal), the key is stored with the value as well.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value; a row type (<see cref="RowCodec{T}"/>).</typeparam>
public sealed class KeyedState<TKey, TValue> : IState, IMemory<TKey, TValue>
    where TKey : notnull
{
    private const int FetchLength = 64;

    private static readonly bool ValueRefers = RuntimeHelpers.IsReferenceOrContainsReferences<TValue>();

    private readonly StateStore _store;
    private readonly OperatorId _id;
    private readonly KeyCodec<TKey> _keys = KeyCodec<TKey>.Default;
    private readonly RowCodec<TKey>? _wholeKeys;
    private readonly RowCodec<TValue> _values = RowCodec<TValue>.Default;
    private readonly SlotTable<TKey, TValue> _table = new();
    private readonly StateCache<TKey, TValue> _cache;
    private readonly ByteBuffer _scratch = new();
    private byte[] _read = new byte[256];
    private KeyBatch? _batch;
    private TKey[]? _fetched;

    internal KeyedState(StateStore store, OperatorId id)
    {
        (_store, _id) = (store, id);
        _cache = new(store, _table);
        if (!_keys.IsExact) _wholeKeys = RowCodec<TKey>.Default;
    }

    /// <summary>How many keys have a value. Only exact while nothing was evicted (<see cref="IsComplete"/>); else the number of those in the cache.</summary>
    public long Count => _table.Count - _table.AbsentCount;

    /// <summary>Whether the cache holds every entry, so that a miss needs no read.</summary>
    public bool IsComplete => _cache.IsComplete;

    OperatorId IState.Id => _id;

    long IState.CacheBytes => _table.Bytes;

    long IState.DirtyBytes => _cache.DirtyBytes;

    long IState.Added => _table.Added;

    /// <summary>The value under <paramref name="key"/>.</summary>
    public bool TryGet(in TKey key, out TValue value)
    {
        var hash = _table.Hash(in key);
        var at = _table.FindLive(in key, hash);
        if (at < 0 && !_cache.IsComplete) at = LocateLive(in key, hash);
        if (at < 0)
        {
            value = default!;
            return false;
        }

        _table.StateOf(at).Flags |= SlotFlags.Referenced;
        value = _table[at].Value;
        return true;
    }

    /// <summary>The value under <paramref name="key"/>, to be changed in place; the default value comes into being where there is none. Marks the entry dirty.</summary>
    public ref TValue GetOrAdd(in TKey key, out bool existed)
    {
        var hash = _table.Hash(in key);
        var at = _table.FindLive(in key, hash);
        existed = true;
        if (at < 0) at = AddOrRead(in key, hash, out existed);
        _table.MarkDirty(at);
        return ref _table[at].Value;
    }

    /// <summary>Entries below this number may be in use.</summary>
    public int SlotLimit => _table.Limit;

    /// <summary>Begins the search for many keys at once, so that misses of the processor's caches overlap, and what isn't in memory is read together; <see cref="SlotOf"/> ends it for each.</summary>
    public void Seek(ReadOnlySpan<TKey> keys, Span<SlotPlace> places)
    {
        _table.FindHeads(keys, places);
        if (!_cache.IsComplete && _store.ReadsBatches) ReadMissing(keys, places);
    }

    /// <summary>Brings what stands under the keys of <paramref name="rows"/> into memory, many at once, where some of the state isn't there: for operators that then go row by row.</summary>
    /// <param name="rows">The rows of a step.</param>
    /// <param name="keyOf">The key of a row; doesn't throw.</param>
    public void Fetch<TRow>(ReadOnlySpan<TRow> rows, Func<TRow, TKey> keyOf)
    {
        if (_cache.IsComplete || !_store.ReadsBatches) return;
        Span<SlotPlace> places = stackalloc SlotPlace[FetchLength];
        var keys = _fetched ??= new TKey[FetchLength];
        for (var from = 0; from < rows.Length; from += FetchLength)
        {
            var count = 0;
            foreach (ref readonly var row in rows.Slice(from, Math.Min(FetchLength, rows.Length - from)))
                if (keyOf(row) is { } key) keys[count++] = key;
            Seek(keys.AsSpan(0, count), places);
        }
    }

    /// <summary>The number of the entry under <paramref name="key"/>; the default value comes into being where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="place">What <see cref="Seek"/> found.</param>
    /// <remarks>
    /// For operators that change many values and then look at each again without a search. Numbers are valid until the next commit or <see cref="StateStore.Maintain"/>; before that, <see cref="Changed"/> has to be
    /// called for each whose value was changed, or <see cref="RemoveAt"/>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SlotOf(in TKey key, SlotPlace place)
    {
        // Not found: there is none, or another key that was added meanwhile changed the chain; then it is searched anew.
        var at = _table.FindLiveFrom(place.Head, in key, place.Hash);
        return at >= 0 ? at : AddOrRead(in key, place.Hash, out _);
    }

    /// <summary>Marks the entry of number <paramref name="slot"/> dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Changed(int slot) => _table.MarkDirty(slot);

    /// <summary>The value in the entry of number <paramref name="slot"/>, to be changed in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref TValue ValueAt(int slot) => ref _table[slot].Value;

    /// <summary>The key of the entry of number <paramref name="slot"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly TKey KeyAt(int slot) => ref _table[slot].Key;

    /// <summary>Nothing stands in the entry of number <paramref name="slot"/> any more.</summary>
    public void RemoveAt(int slot)
    {
        _table.SetAbsent(slot, true);
        _table.MarkDirty(slot);
        _table[slot].Value = default!;
    }

    /// <summary>The value under <paramref name="key"/>, to be changed in place; a null reference where there is none (<see cref="Unsafe.IsNullRef{T}"/>). Marks the entry dirty.</summary>
    public ref TValue TryGetRef(in TKey key)
    {
        var at = LocateLive(in key, _table.Hash(in key));
        if (at < 0) return ref Unsafe.NullRef<TValue>();
        _table.MarkDirty(at);
        return ref _table[at].Value;
    }

    /// <summary>From now on <paramref name="value"/> stands under <paramref name="key"/>.</summary>
    public void Set(in TKey key, in TValue value)
    {
        var hash = _table.Hash(in key);
        var at = _table.Find(in key, hash);
        // Nothing needs to be read: what RocksDB may hold is replaced.
        if (at < 0) at = _table.Add(in key, hash, _cache.IsComplete ? SlotFlags.Fresh : SlotFlags.Used);
        Revive(at, in key);
        _table.MarkDirty(at);
        _table[at].Value = value;
    }

    /// <summary>Nothing stands under <paramref name="key"/> any more. Whether something did.</summary>
    public bool Remove(in TKey key)
    {
        var at = Locate(in key, _table.Hash(in key));
        if (at < 0 || !_table.SetAbsent(at, true)) return false;
        _table.MarkDirty(at);
        _table[at].Value = default!;
        return true;
    }

    /// <summary>Every key and value, in no order: the cache merged over RocksDB. For loading, inspection and tests; nothing may change meanwhile.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> All()
    {
        for (var at = 0; at < _table.Limit; at++)
            if (_table.StateOf(at).Flags != SlotFlags.Free && !_table.IsAbsent(at)) yield return new(_table[at].Key, _table[at].Value);
        if (_cache.IsComplete) yield break;
        foreach (var (key, value) in _store.Entries(KeyRange.Of(_id, _store.Shards)))
        {
            var entry = Decode(key, value);
            if (_table.Find(entry.Key, _table.Hash(entry.Key)) < 0) yield return entry;
        }
    }

    /// <summary>Every key and value as they are stored, in no order: where everything is, as directly behind a checkpoint. Other than <see cref="All"/>, entries may be read and evicted meanwhile.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Stored() => _store.Durable is null ? All() : _store.Entries(KeyRange.Of(_id, _store.Shards)).Select(e => Decode(e.Key, e.Value));

    /// <summary>Takes over what is stored of the state <paramref name="before"/>, whose values another form of their type wrote, and gives it.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> TakeOver(OperatorId before, RowConversion conversion)
    {
        foreach (var (key, value) in _store.Entries(KeyRange.Of(before, _store.Shards)))
        {
            var rest = (ReadOnlySpan<byte>)key.AsSpan(StateKey.PrefixBytes);
            var length = 0;
            var owned = _wholeKeys is null ? _keys.Read(ref rest) : _wholeKeys.Read(value, out length);
            var converted = _values.Read(conversion.Apply(value.AsMemory(length)));
            Set(in owned, in converted);
            yield return new(owned, converted);
        }
    }

    void IState.Load()
    {
        if (_cache.IsComplete) return;
        var range = KeyRange.Of(_id, _store.Shards);
        if (_store.Durable!.ApproximateBytes(range) > _store.LoadMax) return;
        var limit = _table.Bytes + _store.RoomBytes;
        _cache.IsComplete = true;
        _store.Durable.Scan(range, (key, value) =>
        {
            if (_table.Bytes >= limit) return _cache.IsComplete = false;
            var entry = Decode(key, CopyOf(value));
            AddClean(entry.Key, entry.Value, key.Length, value.Length);
            return true;
        });
    }

    void IState.SaveChanges(StateChanges changes, ulong commit)
    {
        for (var at = _table.TakeDirty(0); at >= 0; at = _table.TakeDirty(at))
        {
            var isAbsent = _table.IsAbsent(at);
            if (isAbsent && (_table.StateOf(at).Flags & SlotFlags.Fresh) != 0)
            {
                _table.Remove(at);    // it came and went between two commits
                continue;
            }

            ref var slot = ref _table[at];
            var entry = changes.BeginEntry();
            var keyLength = StateKey.Append(_id, _keys, in slot.Key, changes.Buffer);
            var valueLength = 0;
            if (isAbsent) changes.EndDelete(entry);
            else valueLength = WriteValue(changes, entry, in slot.Key, in slot.Value);
            _cache.Saved(at, commit, keyLength, StateCache<TKey, TValue>.HeapBytes(ValueRefers, valueLength));
        }
    }

    void IState.Replay(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, bool isDelete, ulong commit)
    {
        var rest = key[StateKey.PrefixBytes..];
        var entry = isDelete ? new(_keys.Read(ref rest), default!) : Decode(key, value);
        var hash = _table.Hash(entry.Key);
        var at = _table.Find(entry.Key, hash);
        if (at < 0) at = _table.Add(entry.Key, hash);
        if (isDelete) _table.SetAbsent(at, true);
        else Revive(at, entry.Key);
        _table[at].Value = entry.Value;
        _cache.Saved(at, commit, key.Length, StateCache<TKey, TValue>.HeapBytes(ValueRefers, value.Length));
    }

    int IState.FreeTombstones(int fuel) => _cache.FreeTombstones(fuel);

    void IState.Trim() => _cache.Trim();

    bool IState.Sweep(ref int fuel, ref long excess) => _cache.Sweep(ref fuel, ref excess);

    private int AddOrRead(in TKey key, int hash, out bool existed)
    {
        var at = Locate(in key, hash);
        existed = at >= 0 && !_table.IsAbsent(at);
        if (at < 0) at = _table.Add(in key, hash, SlotFlags.Fresh);    // neither the cache nor RocksDB has it
        Revive(at, in key);
        return at;
    }

    private int Locate(in TKey key, int hash)
    {
        var at = _table.Find(in key, hash);
        return at >= 0 ? at : Read(in key, hash);
    }

    private int LocateLive(in TKey key, int hash) => Locate(in key, hash) is var at && at >= 0 && !_table.IsAbsent(at) ? at : -1;

    /// <summary>Brings an entry from RocksDB into the cache; -1 if there is none.</summary>
    private int Read(in TKey key, int hash)
    {
        if (_cache.IsComplete) return -1;
        _scratch.Clear();
        StateKey.Append(_id, _keys, in key, _scratch);
        if (!_store.TryRead(_scratch.Span, ref _read, out var length)) return -1;
        var entry = Decode(_scratch.Span, _read.AsMemory(0, length));
        return AddClean(entry.Key, entry.Value, _scratch.Length, length);
    }

    /// <summary>Brings the entries of those keys that aren't in the cache there, all at once; for a key that is nowhere, one that says so.</summary>
    private void ReadMissing(ReadOnlySpan<TKey> keys, Span<SlotPlace> places)
    {
        var batch = _batch ??= new KeyBatch();
        batch.Clear();
        for (var i = 0; i < keys.Length; i++)
        {
            if (_table.FindLiveFrom(places[i].Head, in keys[i], places[i].Hash) >= 0 || _table.Find(in keys[i], places[i].Hash) >= 0) continue;
            StateKey.Append(_id, _keys, in keys[i], batch.Begin());
            batch.End(i);
        }

        if (batch.Count == 0) return;
        _store.Durable!.Read(batch);
        for (var at = 0; at < batch.Count; at++)
        {
            ref var place = ref places[batch.Tag(at)];
            ref readonly var key = ref keys[batch.Tag(at)];
            if (_table.Find(in key, place.Hash) is var known and >= 0)
            {
                place.Head = known;    // it is in the batch twice
            }
            else if (batch.TryValue(at, out var value))
            {
                var entry = Decode(batch.Key(at), CopyOf(value));
                place.Head = AddClean(entry.Key, entry.Value, batch.Key(at).Length, value.Length);
            }
            else
            {
                place.Head = _table.Add(in key, place.Hash, SlotFlags.Fresh);
                _table.SetAbsent(place.Head, true);
            }
        }

        batch.Release();
    }

    private int AddClean(in TKey key, in TValue value, int keyLength, int valueLength)
    {
        var at = _table.Add(in key, _table.Hash(in key));
        _table[at].Value = value;
        _cache.SetBytes(at, keyLength, StateCache<TKey, TValue>.HeapBytes(ValueRefers, valueLength));
        return at;
    }

    private void Revive(int at, in TKey key)
    {
        // The key that comes now may differ from the one that went in what equality doesn't see.
        if (_table.SetAbsent(at, false)) _table[at].Key = key;
    }

    private int WriteValue(StateChanges changes, int entry, in TKey key, in TValue value)
    {
        var at = changes.EndKey(entry);
        _wholeKeys?.Write(in key, changes.Buffer);
        _values.Write(in value, changes.Buffer);
        return changes.EndValue(at);
    }

    private KeyValuePair<TKey, TValue> Decode(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value)
    {
        var rest = key[StateKey.PrefixBytes..];
        if (_wholeKeys is null) return new(_keys.Read(ref rest), _values.Read(value));
        var whole = _wholeKeys.Read(value, out var length);
        return new(whole, _values.Read(value[length..]));
    }

    private ReadOnlyMemory<byte> CopyOf(ReadOnlySpan<byte> bytes)
    {
        if (_read.Length < bytes.Length) _read = new byte[bytes.Length * 2];
        bytes.CopyTo(_read);
        return _read.AsMemory(0, bytes.Length);
    }
}
