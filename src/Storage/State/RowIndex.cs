using System.Numerics;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Where each row of a large set stands: open addressing over the set's own array.</summary>
/// <typeparam name="TRow">The row.</typeparam>
internal sealed class RowIndex<TRow>
{
    private Entry[] _entries;
    private int _count;

    public RowIndex(ReadOnlySpan<Delta<TRow>> rows)
    {
        _entries = Empty(rows.Length);
        for (var at = 0; at < rows.Length; at++) Add(rows[at].Row, at);
    }

    /// <summary>A row's hash and its place in the array plus one; 0 for an empty entry.</summary>
    private record struct Entry(int Hash, int Place);

    /// <summary>The place of <paramref name="row"/>; -1 if it isn't there.</summary>
    public int Find(ReadOnlySpan<Delta<TRow>> rows, in TRow row)
    {
        var comparer = EqualityComparer<TRow>.Default;
        var hash = HashOf(in row);
        for (var i = Start(hash); _entries[i].Place != 0; i = Next(i))
            if (_entries[i].Hash == hash && comparer.Equals(rows[_entries[i].Place - 1].Row, row)) return _entries[i].Place - 1;
        return -1;
    }

    /// <summary>A new row stands at <paramref name="place"/>.</summary>
    public void Add(in TRow row, int place)
    {
        if (2 * (_count + 1) > _entries.Length) Grow();
        Insert(new Entry(HashOf(in row), place + 1));
        _count++;
    }

    /// <summary>Two rows changed places.</summary>
    public void Swap(in TRow first, int firstPlace, in TRow second, int secondPlace)
    {
        var one = Entered(in first, firstPlace);
        var other = Entered(in second, secondPlace);
        (_entries[one].Place, _entries[other].Place) = (_entries[other].Place, _entries[one].Place);
    }

    /// <summary>The row at <paramref name="place"/> is gone.</summary>
    public void Remove(in TRow row, int place)
    {
        // Entries behind it move up, so that no search ends too early.
        var hole = Entered(in row, place);
        for (var i = Next(hole); _entries[i].Place != 0; i = Next(i))
        {
            var start = Start(_entries[i].Hash);
            var staysReachable = hole <= i ? hole < start && start <= i : hole < start || start <= i;
            if (staysReachable) continue;
            _entries[hole] = _entries[i];
            hole = i;
        }

        _entries[hole] = default;
        _count--;
    }

    private static int HashOf(in TRow row) => row is null ? 0 : EqualityComparer<TRow>.Default.GetHashCode(row);

    private static Entry[] Empty(int rows) => new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(rows * 4, 64))];

    private int Start(int hash) => (int)((uint)hash * 0x9E3779B1u >> (32 - BitOperations.Log2((uint)_entries.Length)));

    private int Next(int i) => (i + 1) & (_entries.Length - 1);

    private int Entered(in TRow row, int place)
    {
        var i = Start(HashOf(in row));
        while (_entries[i].Place != place + 1) i = Next(i);
        return i;
    }

    private void Insert(Entry entry)
    {
        var i = Start(entry.Hash);
        while (_entries[i].Place != 0) i = Next(i);
        _entries[i] = entry;
    }

    private void Grow()
    {
        var before = _entries;
        _entries = new Entry[before.Length * 2];
        foreach (var entry in before)
            if (entry.Place != 0) Insert(entry);
    }
}
