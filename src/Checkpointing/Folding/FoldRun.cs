using System.Buffers.Binary;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Changes of some commits in memory, brought into the order of their keys; the last change of a key wins.</summary>
/// <remarks>Kept as the log has them (u32 key length, key, i32 value length or -1, value) in one array; what is sorted are their places, beside the first 16 bytes of the key.</remarks>
internal sealed class FoldRun(int bytesMax)
{
    private byte[] _bytes = new byte[Math.Min(bytesMax, 1 << 20)];
    private Entry[] _entries = new Entry[1024];
    private int _length, _count;

    /// <summary>How many changes it holds; after <see cref="Sort"/>, of how many keys.</summary>
    public int Count => _count;

    /// <summary>Whether <paramref name="more"/> further bytes still fit.</summary>
    public bool HasRoomFor(int more) => _count == 0 || _length + more <= bytesMax;

    /// <summary>Adds the changes of a record.</summary>
    public void Add(ReadOnlySpan<byte> changes)
    {
        if (_bytes.Length < _length + changes.Length) Array.Resize(ref _bytes, Math.Max(_length + changes.Length, (int)Math.Min(2L * _bytes.Length, Math.Max(bytesMax, _length + changes.Length))));
        changes.CopyTo(_bytes.AsSpan(_length));
        var rest = changes;
        while (!rest.IsEmpty)
        {
            var at = _length + changes.Length - rest.Length;
            if (!StateChanges.TryRead(ref rest, out var key, out _, out _)) break;
            if (_count == _entries.Length) Array.Resize(ref _entries, 2 * _count);
            _entries[_count++] = new Entry(Prefix(key), at);
        }

        _length += changes.Length;
    }

    /// <summary>Sorts by key, and keeps the last change of each.</summary>
    public void Sort()
    {
        var entries = _entries.AsSpan(0, _count);
        entries.Sort(Compare);
        var kept = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var isLast = i + 1 == entries.Length || entries[i].Prefix != entries[i + 1].Prefix || !Key(entries[i]).SequenceEqual(Key(entries[i + 1]));
            if (isLast) entries[kept++] = entries[i];
        }

        _count = kept;
    }

    /// <summary>The change at place <paramref name="index"/> of the order.</summary>
    public ReadOnlySpan<byte> Change(int index)
    {
        var rest = (ReadOnlySpan<byte>)_bytes.AsSpan(_entries[index].Offset, _length - _entries[index].Offset);
        var before = rest;
        StateChanges.TryRead(ref rest, out _, out _, out _);
        return before[..(before.Length - rest.Length)];
    }

    /// <summary>Empties it.</summary>
    public void Clear() => (_length, _count) = (0, 0);

    private int Compare(Entry left, Entry right)
    {
        var order = left.Prefix.CompareTo(right.Prefix);
        if (order == 0) order = Key(left).SequenceCompareTo(Key(right));
        return order != 0 ? order : left.Offset.CompareTo(right.Offset);
    }

    private ReadOnlySpan<byte> Key(Entry entry) => _bytes.AsSpan(entry.Offset + 4, BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(entry.Offset)));

    private static UInt128 Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= 16) return BinaryPrimitives.ReadUInt128BigEndian(key);
        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt128BigEndian(padded);
    }

    private readonly record struct Entry(UInt128 Prefix, int Offset);
}
