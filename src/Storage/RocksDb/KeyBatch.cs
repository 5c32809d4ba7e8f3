using System.Runtime.InteropServices;

namespace Pathway.Storage;

/// <summary>Keys that are read at once: what RocksDB does for a file, its filter and its blocks, it then does once for all keys that lie there.</summary>
/// <remarks>Order: <see cref="Clear"/>, <see cref="Begin"/> and <see cref="End"/> for each key, <see cref="StateDb.Read"/>, the values, <see cref="Release"/>. Used by one thread.</remarks>
internal sealed unsafe class KeyBatch
{
    private readonly ByteBuffer _keys = new(1024);
    private (int End, int Tag)[] _ends = new (int, int)[64];
    private Slice[] _slices = new Slice[64];
    private IntPtr[] _values = new IntPtr[64], _errors = new IntPtr[64];

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all keys.</summary>
    public void Clear()
    {
        _keys.Clear();
        Count = 0;
    }

    /// <summary>Where the bytes of the next key are appended.</summary>
    public ByteBuffer Begin() => _keys;

    /// <summary>The key ends here; <paramref name="tag"/> is the caller's.</summary>
    public void End(int tag)
    {
        if (Count == _ends.Length) Grow();
        _ends[Count++] = (_keys.Length, tag);
    }

    /// <summary>What the caller said of the key with number <paramref name="at"/>.</summary>
    public int Tag(int at) => _ends[at].Tag;

    /// <summary>The bytes of the key with number <paramref name="at"/>.</summary>
    public ReadOnlySpan<byte> Key(int at)
    {
        var start = at == 0 ? 0 : _ends[at - 1].End;
        return _keys.Span[start.._ends[at].End];
    }

    /// <summary>What was found under the key with number <paramref name="at"/>, valid until <see cref="Release"/>; false if nothing was.</summary>
    public bool TryValue(int at, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_values[at] == IntPtr.Zero) return false;
        var start = StateDb.Api.rocksdb_pinnableslice_value(_values[at], out var length);
        value = new ReadOnlySpan<byte>((byte*)start, checked((int)length));
        return true;
    }

    /// <summary>Gives the memory of the values back.</summary>
    public void Release()
    {
        for (var at = 0; at < Count; at++)
            if (_values[at] != IntPtr.Zero) StateDb.Api.rocksdb_pinnableslice_destroy(_values[at]);
        Array.Clear(_values, 0, Count);
    }

    /// <summary>Reads the values.</summary>
    internal void Read(RocksHandles handles, string folder)
    {
        fixed (byte* keys = _keys.Span)
        fixed (Slice* slices = _slices)
        fixed (IntPtr* values = _values)
        {
            for (int at = 0, start = 0; at < Count; start = _ends[at++].End) slices[at] = new Slice { Data = keys + start, Length = (nuint)(_ends[at].End - start) };
            StateDb.Api.rocksdb_batched_multi_get_cf_slice(handles.Db, handles.Reads, handles.Family, (nuint)Count, (IntPtr)slices, (IntPtr)values, _errors, 0);
        }

        for (var at = 0; at < Count; at++)
        {
            if (_errors[at] == IntPtr.Zero) continue;
            Release();
            RocksError.ThrowIf(_errors[at], folder);
        }
    }

    private void Grow()
    {
        Array.Resize(ref _ends, 2 * Count);
        Array.Resize(ref _slices, 2 * Count);
        Array.Resize(ref _values, 2 * Count);
        Array.Resize(ref _errors, 2 * Count);
    }

    /// <summary>As RocksDB has it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Slice
    {
        public byte* Data;
        public nuint Length;
    }
}
