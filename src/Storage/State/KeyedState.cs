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
public sealed class KeyedState<TKey, TValue> : IState
    where TKey : notnull
{
    private const SlotFlags LiveAndDirty = SlotFlags.Used | SlotFlags.Dirty | SlotFlags.Referenced;

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

    internal KeyedState(StateStore store, OperatorId id)
    {
        (_store, _id) = (store, id);
        _cache = new(store, _table);
        if (!_keys.IsExact) _wholeKeys = RowCodec<TKey>.Default;
    }

    /// <summary>How many keys have a value. Only exact while nothing was evicted (<see cref="IsComplete"/>); else the number of those in the cache.</summary>
    public long Count => _table.Count - _cache.Absent;

    /// <summary>Whether the cache holds every entry, so that a miss needs no read.</summary>
    public bool IsComplete => _cache.IsComplete;

    OperatorId IState.Id => _id;

    long IState.CacheBytes => _table.Bytes;

    long IState.Added => _table.Added;

    /// <summary>The value under <paramref name="key"/>.</summary>
    public bool TryGet(in TKey key, out TValue value)
    {
        var at = Locate(in key, _table.Hash(in key));
        if (at < 0)
        {
            value = default!;
            return false;
        }

        ref var slot = ref _table[at];
        slot.Flags |= SlotFlags.Referenced;
        value = slot.Value;
        return (slot.Flags & SlotFlags.Absent) == 0;
    }

    /// <summary>The value under <paramref name="key"/>, to be changed in place; the default value comes into being where there is none. Marks the entry dirty.</summary>
    public ref TValue GetOrAdd(in TKey key, out bool existed)
    {
        var hash = _table.Hash(in key);
        var at = _table.Find(in key, hash);
        if (at >= 0)
        {
            ref var slot = ref _table[at];
            if ((slot.Flags & ~SlotFlags.Fresh) == LiveAndDirty)
            {
                existed = true;
                return ref slot.Value;
            }
        }

        return ref GetOrAddSlowly(in key, hash, at, out existed);
    }

    /// <summary>The value under <paramref name="key"/>, to be changed in place; a null reference where there is none (<see cref="Unsafe.IsNullRef{T}"/>). Marks the entry dirty.</summary>
    public ref TValue TryGetRef(in TKey key)
    {
        var at = Locate(in key, _table.Hash(in key));
        if (at < 0) return ref Unsafe.NullRef<TValue>();
        ref var slot = ref _table[at];
        if ((slot.Flags & SlotFlags.Absent) != 0) return ref Unsafe.NullRef<TValue>();
        MarkDirty(ref slot, at);
        return ref slot.Value;
    }

    /// <summary>From now on <paramref name="value"/> stands under <paramref name="key"/>.</summary>
    public void Set(in TKey key, in TValue value)
    {
        var hash = _table.Hash(in key);
        var at = _table.Find(in key, hash);
        // Nothing needs to be read: what RocksDB may hold is replaced.
        if (at < 0) at = _table.Add(in key, hash, _cache.IsComplete ? SlotFlags.Fresh : SlotFlags.Used);
        ref var slot = ref _table[at];
        Revive(ref slot, in key);
        MarkDirty(ref slot, at);
        slot.Value = value;
    }

    /// <summary>Nothing stands under <paramref name="key"/> any more. Whether something did.</summary>
    public bool Remove(in TKey key)
    {
        var at = Locate(in key, _table.Hash(in key));
        if (at < 0) return false;
        ref var slot = ref _table[at];
        if ((slot.Flags & SlotFlags.Absent) != 0) return false;
        MarkDirty(ref slot, at);
        slot.Flags |= SlotFlags.Absent;
        slot.Value = default!;
        _cache.Absent++;
        return true;
    }

    /// <summary>Every key and value, in no order: the cache merged over RocksDB. For loading, inspection and tests; nothing may change meanwhile.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> All()
    {
        for (var at = 0; at < _table.Limit; at++)
            if ((_table[at].Flags & (SlotFlags.Used | SlotFlags.Absent)) == SlotFlags.Used) yield return new(_table[at].Key, _table[at].Value);
        if (_cache.IsComplete) yield break;
        foreach (var (key, value) in _store.Durable!.Entries(StateKey.Prefix(_id)))
        {
            var entry = Decode(key, value);
            if (_table.Find(entry.Key, _table.Hash(entry.Key)) < 0) yield return entry;
        }
    }

    void IState.Load()
    {
        if (_cache.IsComplete) return;
        var prefix = StateKey.Prefix(_id);
        if (_store.Durable!.ApproximateBytes(prefix) > _store.RoomBytes) return;
        var limit = _table.Bytes + _store.RoomBytes;
        _cache.IsComplete = true;
        _store.Durable.Scan(prefix, (key, value) =>
        {
            if (_table.Bytes >= limit) return _cache.IsComplete = false;
            var entry = Decode(key, CopyOf(value));
            AddClean(entry.Key, entry.Value, key.Length, value.Length);
            return true;
        });
    }

    void IState.SaveChanges(StateChanges changes, ulong commit)
    {
        foreach (var at in _table.TakeDirty())
        {
            ref var slot = ref _table[at];
            var isAbsent = (slot.Flags & SlotFlags.Absent) != 0;
            if (isAbsent && (slot.Flags & SlotFlags.Fresh) != 0)
            {
                _cache.Free(at);    // it came and went between two commits
                continue;
            }

            var entry = changes.BeginEntry();
            var keyLength = StateKey.Append(_id, _keys, in slot.Key, changes.Buffer);
            var valueBytes = 0;
            if (isAbsent) changes.EndDelete(entry);
            else valueBytes = StateCache<TKey, TValue>.HeapBytes(ValueRefers, WriteValue(changes, entry, in slot));
            _cache.Saved(ref slot, at, commit, keyLength, valueBytes);
        }
    }

    void IState.Replay(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, bool isDelete, ulong commit)
    {
        var rest = key[StateKey.PrefixBytes..];
        var entry = isDelete ? new(_keys.Read(ref rest), default!) : Decode(key, value);
        var hash = _table.Hash(entry.Key);
        var at = _table.Find(entry.Key, hash);
        if (at < 0) at = _table.Add(entry.Key, hash, SlotFlags.Used);
        ref var slot = ref _table[at];
        if (!isDelete) Revive(ref slot, entry.Key);
        else if ((slot.Flags & SlotFlags.Absent) == 0)
        {
            slot.Flags |= SlotFlags.Absent;
            _cache.Absent++;
        }

        slot.Value = entry.Value;
        _cache.Saved(ref slot, at, commit, key.Length, StateCache<TKey, TValue>.HeapBytes(ValueRefers, value.Length));
    }

    int IState.FreeTombstones(int fuel) => _cache.FreeTombstones(fuel);

    bool IState.Sweep(ref int fuel, ref long excess) => _cache.Sweep(ref fuel, ref excess);

    private ref TValue GetOrAddSlowly(in TKey key, int hash, int at, out bool existed)
    {
        if (at < 0) at = Read(in key, hash);
        if (at < 0)
        {
            // Neither the cache nor RocksDB has it.
            at = _table.Add(in key, hash, SlotFlags.Fresh);
            existed = false;
        }
        else
        {
            existed = (_table[at].Flags & SlotFlags.Absent) == 0;
        }

        ref var slot = ref _table[at];
        Revive(ref slot, in key);
        MarkDirty(ref slot, at);
        return ref slot.Value;
    }

    private int Locate(in TKey key, int hash)
    {
        var at = _table.Find(in key, hash);
        return at >= 0 ? at : Read(in key, hash);
    }

    /// <summary>Brings an entry from RocksDB into the cache; -1 if there is none.</summary>
    private int Read(in TKey key, int hash)
    {
        if (_cache.IsComplete) return -1;
        _scratch.Clear();
        StateKey.Append(_id, _keys, in key, _scratch);
        if (!_store.Durable!.TryGet(_scratch.Span, ref _read, out var length)) return -1;
        var entry = Decode(_scratch.Span, _read.AsMemory(0, length));
        return AddClean(entry.Key, entry.Value, _scratch.Length, length);
    }

    private int AddClean(in TKey key, in TValue value, int keyLength, int valueLength)
    {
        var at = _table.Add(in key, _table.Hash(in key), SlotFlags.Used);
        ref var slot = ref _table[at];
        slot.Value = value;
        _cache.SetBytes(ref slot, keyLength, StateCache<TKey, TValue>.HeapBytes(ValueRefers, valueLength));
        return at;
    }

    private void Revive(ref SlotTable<TKey, TValue>.Slot slot, in TKey key)
    {
        if ((slot.Flags & SlotFlags.Absent) == 0) return;
        slot.Flags &= ~SlotFlags.Absent;
        slot.Key = key;
        _cache.Absent--;
    }

    private void MarkDirty(ref SlotTable<TKey, TValue>.Slot slot, int at)
    {
        if ((slot.Flags & SlotFlags.Dirty) == 0) _table.AddDirty(at);
        slot.Flags |= SlotFlags.Dirty | SlotFlags.Referenced;
    }

    private int WriteValue(StateChanges changes, int entry, in SlotTable<TKey, TValue>.Slot slot)
    {
        var at = changes.EndKey(entry);
        _wholeKeys?.Write(in slot.Key, changes.Buffer);
        _values.Write(in slot.Value, changes.Buffer);
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
