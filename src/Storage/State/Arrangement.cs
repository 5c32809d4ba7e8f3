using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Key → rows with weights: a multiset index, what joins remember.</summary>
/// <remarks>
/// The cache holds all rows of a key or none. In RocksDB each row is an entry of its own: state key, then a 16-byte hash of the encoded row; value: weight, then the encoded row. Used by one thread.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class Arrangement<TKey, TRow> : IState
    where TKey : notnull
{
    private const int HashBytes = 16;

    private const int SearchedUpTo = 16;

    private static readonly bool RowRefers = RuntimeHelpers.IsReferenceOrContainsReferences<TRow>();

    private readonly StateStore _store;
    private readonly OperatorId _id;
    private readonly KeyCodec<TKey> _keys = KeyCodec<TKey>.Default;
    private readonly RowCodec<TRow> _rows = RowCodec<TRow>.Default;
    private readonly SlotTable<TKey, RowSet<TRow>> _table = new();
    private readonly StateCache<TKey, RowSet<TRow>> _cache;
    private readonly ByteBuffer _scratch = new();
    private Dictionary<int, Dictionary<UInt128, TRow>> _byHash = [];    // only while the log is replayed

    internal Arrangement(StateStore store, OperatorId id)
    {
        (_store, _id) = (store, id);
        _cache = new(store, _table);
    }

    /// <summary>How many keys have rows. Only exact while nothing was evicted (<see cref="IsComplete"/>) and at a commit; else about the number of those in the cache.</summary>
    public long KeyCount => _table.Count - _table.AbsentCount;

    /// <summary>Whether the cache holds every entry, so that a miss needs no read.</summary>
    public bool IsComplete => _cache.IsComplete;

    OperatorId IState.Id => _id;

    long IState.CacheBytes => _table.Bytes;

    long IState.DirtyBytes => _cache.DirtyBytes;

    long IState.Added => _table.Added;

    /// <summary>Adds <paramref name="weight"/>, which may be negative, to the weight of <paramref name="row"/> under <paramref name="key"/>; a row at zero is gone.</summary>
    public void Add(in TKey key, in TRow row, long weight)
    {
        if (weight == 0) return;
        var at = Locate(in key);
        if (at < 0) at = _table.Add(in key, _table.Hash(in key));
        _table.SetAbsent(at, false);
        _table.MarkDirty(at);
        _table[at].Value.Add(in row, weight);
    }

    /// <summary>The rows under <paramref name="key"/> whose weight isn't zero, in no order; valid until the next call.</summary>
    public ReadOnlySpan<Delta<TRow>> Rows(in TKey key)
    {
        var at = Locate(in key);
        if (at < 0) return [];
        _table.StateOf(at).Flags |= SlotFlags.Referenced;
        return _table[at].Value.Live;
    }

    /// <summary>Every key with its rows, in no order: the cache merged over RocksDB. For inspection and tests; nothing may change meanwhile.</summary>
    public IEnumerable<KeyValuePair<TKey, Delta<TRow>>> All()
    {
        for (var at = 0; at < _table.Limit; at++)
        {
            if (_table.StateOf(at).Flags == SlotFlags.Free) continue;
            var key = _table[at].Key;
            foreach (var row in _table[at].Value.Live.ToArray()) yield return new(key, row);
        }

        if (_cache.IsComplete) yield break;
        foreach (var (key, value) in _store.Entries(KeyRange.Of(_id, _store.Shards)))
        {
            var decoded = DecodeKey(key);
            if (_table.Find(decoded, _table.Hash(decoded)) < 0) yield return new(decoded, DecodeRow(value, out _));
        }
    }

    /// <summary>Every key with its rows as they are stored, the rows of a key side by side: where everything is, as directly behind a checkpoint. Other than <see cref="All"/>, rows may be read and evicted meanwhile.</summary>
    public IEnumerable<KeyValuePair<TKey, Delta<TRow>>> Stored() =>
        _store.Durable is null ? All() : _store.Entries(KeyRange.Of(_id, _store.Shards)).Select(e => KeyValuePair.Create(DecodeKey(e.Key), DecodeRow(e.Value, out _)));

    void IState.Load()
    {
        if (_cache.IsComplete) return;
        var range = KeyRange.Of(_id, _store.Shards);
        if (_store.Durable!.ApproximateBytes(range) > _store.LoadMax) return;
        var limit = _table.Bytes + _store.RoomBytes;
        var loading = -1;
        _cache.IsComplete = true;
        _store.Durable.Scan(range, (key, value) =>
        {
            // Rows of one key lie side by side; the cache may stop short between two keys only.
            var decoded = DecodeKey(key);
            if (loading < 0 || !EqualityComparer<TKey>.Default.Equals(_table[loading].Key, decoded))
            {
                if (_table.Bytes >= limit) return _cache.IsComplete = false;
                loading = _table.Add(decoded, _table.Hash(decoded));
            }

            RestoreRow(loading, key, value);
            return true;
        });
    }

    void IState.SaveChanges(StateChanges changes, ulong commit)
    {
        _byHash.Clear();
        for (var at = _table.TakeDirty(0); at >= 0; at = _table.TakeDirty(at))
        {
            ref var rows = ref _table[at].Value;
            var entriesBefore = changes.Entries;
            _scratch.Clear();
            var keyLength = StateKey.Append(_id, _keys, in _table[at].Key, _scratch);
            var bytes = _cache.ValueBytes(at, keyLength);
            var known = rows.ChangedKnown;
            foreach (ref readonly var row in rows.Changed)
            {
                var encoded = WriteRow(changes, keyLength, in row, isDelete: false);
                if (--known < 0) bytes += BytesOf(encoded);
            }

            foreach (ref readonly var row in rows.Gone) bytes -= BytesOf(WriteRow(changes, keyLength, in row, isDelete: true));
            rows.MarkSaved();
            EndSave(at, commit, keyLength, bytes, changes.Entries > entriesBefore);
        }
    }

    void IState.Replay(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, bool isDelete, ulong commit)
    {
        var decoded = DecodeKey(key);
        var at = Locate(in decoded);
        if (at < 0) at = _table.Add(in decoded, _table.Hash(in decoded));
        ref var rows = ref _table[at].Value;
        _table.SetAbsent(at, false);
        var keyLength = key.Length - HashBytes;
        var bytes = _cache.ValueBytes(at, keyLength);
        var hash = BinaryPrimitives.ReadUInt128BigEndian(key[^HashBytes..]);
        if (isDelete)
        {
            if (TryFindByHash(at, hash, out var row, out var encoded))
            {
                rows.Restore(in row, 0);
                bytes -= BytesOf(encoded);
            }
        }
        else
        {
            var row = DecodeRow(value, out var encoded);
            var rowsBefore = rows.Live.Length;
            rows.Restore(row.Row, row.Weight);
            if (rows.Live.Length > rowsBefore) bytes += BytesOf(encoded);
            if (_byHash.TryGetValue(at, out var byHash)) byHash[hash] = row.Row;
        }

        EndSave(at, commit, keyLength, bytes, wasWritten: true);
    }

    int IState.FreeTombstones(int fuel) => _cache.FreeTombstones(fuel);

    void IState.Trim() => _cache.Trim();

    bool IState.Sweep(ref int fuel, ref long excess) => _cache.Sweep(ref fuel, ref excess);

    private int Locate(in TKey key)
    {
        var at = _table.Find(in key, _table.Hash(in key));
        return at >= 0 || _cache.IsComplete ? at : Read(in key);
    }

    /// <summary>Brings all rows of a key from RocksDB into the cache; -1 if there is none.</summary>
    private int Read(in TKey key)
    {
        _scratch.Clear();
        StateKey.Append(_id, _keys, in key, _scratch);
        var prefix = _scratch.Span.ToArray();
        var at = -1;
        var owned = key;
        _store.Scan(prefix, (entry, value) =>
        {
            if (at < 0) at = _table.Add(in owned, _table.Hash(in owned));
            RestoreRow(at, entry, value);
            return true;
        });
        return at;
    }

    private void RestoreRow(int at, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _scratch.Clear();
        _scratch.Append(value);
        ref var rows = ref _table[at].Value;
        var keyLength = key.Length - HashBytes;
        var row = DecodeRow(_scratch.Memory, out var encoded);
        rows.Restore(row.Row, row.Weight);
        _cache.SetBytes(at, keyLength, _cache.ValueBytes(at, keyLength) + BytesOf(encoded));
    }

    private void EndSave(int at, ulong commit, int keyLength, int bytes, bool wasWritten)
    {
        if (_table[at].Value.Live.IsEmpty)
        {
            _table.SetAbsent(at, true);
            if (!wasWritten && _table.StateOf(at).Commit == 0)
            {
                _table.Remove(at);    // rows came and went between two commits
                return;
            }
        }

        _cache.Saved(at, commit, keyLength, bytes);
    }

    /// <summary>Writes one row behind the state key that the scratch begins with; gives the length of the encoded row.</summary>
    private int WriteRow(StateChanges changes, int keyLength, in Delta<TRow> row, bool isDelete)
    {
        _scratch.Truncate(keyLength);
        _scratch.AppendVarint(ZigZag(row.Weight));
        var rowAt = _scratch.Length;
        _rows.Write(row.Row, _scratch);
        var encoded = _scratch.Span[rowAt..];
        var entry = changes.BeginEntry();
        changes.Buffer.Append(_scratch.Span[..keyLength]);
        BinaryPrimitives.WriteUInt128BigEndian(changes.Buffer.Extend(HashBytes), XxHash128.HashToUInt128(encoded));
        if (isDelete)
        {
            changes.EndDelete(entry);
            return encoded.Length;
        }

        var at = changes.EndKey(entry);
        changes.Buffer.Append(_scratch.Span[keyLength..]);
        changes.EndValue(at);
        return encoded.Length;
    }

    // The log names a deleted row by its hash only.
    private bool TryFindByHash(int at, UInt128 hash, out TRow row, out int encoded)
    {
        ref var rows = ref _table[at].Value;
        if (rows.Live.Length > SearchedUpTo)
        {
            if (!_byHash.TryGetValue(at, out var byHash))
            {
                _byHash[at] = byHash = [];
                foreach (ref readonly var each in rows.Live) byHash[HashOf(each.Row, out _)] = each.Row;
            }

            encoded = 0;
            if (!byHash.Remove(hash, out row!)) return false;
            HashOf(in row, out encoded);
            return true;
        }

        _byHash.Remove(at);
        foreach (ref readonly var each in rows.Live)
        {
            if (HashOf(each.Row, out encoded) != hash) continue;
            row = each.Row;
            return true;
        }

        (row, encoded) = (default!, 0);
        return false;
    }

    private UInt128 HashOf(in TRow row, out int encoded)
    {
        _scratch.Clear();
        _rows.Write(in row, _scratch);
        encoded = _scratch.Length;
        return XxHash128.HashToUInt128(_scratch.Span);
    }

    private TKey DecodeKey(ReadOnlySpan<byte> key)
    {
        var rest = key[StateKey.PrefixBytes..];
        return _keys.Read(ref rest);
    }

    private Delta<TRow> DecodeRow(ReadOnlyMemory<byte> value, out int encoded)
    {
        var rest = value.Span;
        if (!ByteBuffer.TryReadVarint(ref rest, out var weight))
            throw new RefusalException($"a stored row of operator {_id} can't be read", "no weight", "a weight and a row", "Restore the state directory from a snapshot.");
        encoded = rest.Length;
        return new(_rows.Read(value[^rest.Length..]), (long)(weight >> 1) ^ -(long)(weight & 1));
    }

    private static ulong ZigZag(long weight) => (ulong)(weight << 1 ^ weight >> 63);

    // Half of an array's room is empty on average.
    private static int BytesOf(int encoded) => Unsafe.SizeOf<Delta<TRow>>() * 3 / 2 + StateCache<TKey, RowSet<TRow>>.HeapBytes(RowRefers, encoded);
}
