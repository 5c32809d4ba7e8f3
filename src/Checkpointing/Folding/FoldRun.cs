using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Changes of some commits in memory, brought into the order of their keys; the last change of a key wins.</summary>
/// <remarks>
/// One array: the changes as the log has them (u32 key length, key, i32 value length or -1, value) grow from its front, what is sorted (their places, beside the first 16 bytes of the key) from its back.
/// It doubles up to the limit, and is kept for the next run.
/// </remarks>
internal sealed class FoldRun(int bytesMax)
{
    private const int FirstBytes = 1 << 20;
    private static readonly int PlaceSize = Unsafe.SizeOf<KeyPlace>();
    private byte[] _arena = [];
    private int _length; // of the changes

    /// <summary>How many changes it holds; after <see cref="Sort"/>, of how many keys.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the changes that <paramref name="rest"/> begins with, as many as there is room for, and moves it behind them. The first change always has room.</summary>
    public void Add(ref ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var behind = rest;
            StateChanges.TryRead(ref behind, out var key, out _, out _);
            var change = rest[..(rest.Length - behind.Length)];
            if (!MakeRoom(change.Length + PlaceSize)) return;
            change.CopyTo(_arena.AsSpan(_length));
            Count++;
            Places[0] = new KeyPlace(Prefix(key, 0), Prefix(key, 8), _length, Math.Min(key.Length, 17));
            _length += change.Length;
            rest = behind;
        }
    }

    /// <summary>Sorts by key, and keeps the last change of each.</summary>
    public void Sort()
    {
        var places = Places;
        places.Sort();
        SortWhereKeysAreLong(places);
        // Kept are the last of each key, moved towards the back: there the places stand.
        var kept = places.Length;
        for (var i = places.Length - 1; i >= 0; i--)
            if (kept == places.Length || !IsSameKey(places[i], places[kept])) places[--kept] = places[i];
        Count = places.Length - kept;
    }

    /// <summary>The change at place <paramref name="index"/> of the order.</summary>
    public ReadOnlySpan<byte> Change(int index)
    {
        var at = Places[index].Offset;
        var behind = (ReadOnlySpan<byte>)_arena.AsSpan(at, _length - at);
        StateChanges.TryRead(ref behind, out _, out _, out _);
        return _arena.AsSpan(at, _length - at - behind.Length);
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        (_length, Count) = (0, 0);
        if (_arena.Length > bytesMax) _arena = []; // a single change was larger than the limit
    }

    // The newest place stands first, so that adding one moves none.
    private Span<KeyPlace> Places => MemoryMarshal.Cast<byte, KeyPlace>(_arena.AsSpan(_arena.Length - Count * PlaceSize));

    private bool MakeRoom(int bytes)
    {
        var needed = (long)_length + Count * PlaceSize + bytes;
        if (needed <= _arena.Length) return true;
        if (Count > 0 && needed > bytesMax) return false;
        var size = (int)Math.Max(needed, Math.Min(bytesMax, Math.Max(FirstBytes, 2L * _arena.Length)));
        var larger = GC.AllocateUninitializedArray<byte>((size + 7) & ~7);
        _arena.AsSpan(0, _length).CopyTo(larger);
        var places = _arena.AsSpan(_arena.Length - Count * PlaceSize);
        places.CopyTo(larger.AsSpan(larger.Length - places.Length));
        _arena = larger;
        return true;
    }

    // KeyPlace orders by the first 16 bytes; what they don't tell apart is put into order here.
    private void SortWhereKeysAreLong(Span<KeyPlace> places)
    {
        for (int begin = 0, end; begin < places.Length; begin = end)
        {
            var isLong = false;
            for (end = begin + 1; end < places.Length && places[end].HasPrefixOf(places[begin]); end++) isLong |= !IsSameKey(places[end], places[begin]);
            if (isLong) places[begin..end].Sort(CompareKeys);
        }
    }

    private int CompareKeys(KeyPlace left, KeyPlace right)
    {
        var order = Key(left).SequenceCompareTo(Key(right));
        return order != 0 ? order : left.Offset.CompareTo(right.Offset);
    }

    private bool IsSameKey(KeyPlace left, KeyPlace right) =>
        left.HasPrefixOf(right) && left.KeyLength == right.KeyLength && (left.KeyLength <= 16 || Key(left).SequenceEqual(Key(right)));

    private ReadOnlySpan<byte> Key(KeyPlace place) => _arena.AsSpan(place.Offset + 4, BinaryPrimitives.ReadInt32LittleEndian(_arena.AsSpan(place.Offset)));

    private static ulong Prefix(ReadOnlySpan<byte> key, int at)
    {
        if (key.Length >= at + 8) return BinaryPrimitives.ReadUInt64BigEndian(key[at..]);
        ulong prefix = 0;
        for (var i = at; i < at + 8; i++) prefix = (prefix << 8) | (i < key.Length ? key[i] : 0u);
        return prefix;
    }

    // Orders by itself rather than through a delegate, so that the sort compares without a call.
    private readonly record struct KeyPlace(ulong High, ulong Low, int Offset, int KeyLength) : IComparable<KeyPlace>
    {
        public bool HasPrefixOf(in KeyPlace other) => High == other.High && Low == other.Low;

        public int CompareTo(KeyPlace other)
        {
            if (High != other.High) return High < other.High ? -1 : 1;
            if (Low != other.Low) return Low < other.Low ? -1 : 1;
            return Offset.CompareTo(other.Offset);
        }
    }
}
