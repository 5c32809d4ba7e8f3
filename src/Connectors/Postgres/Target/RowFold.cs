using System.Runtime.InteropServices;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What happens to a row of the target.</summary>
internal enum RowKind : byte
{
    /// <summary>The whole row stands under the key, or is added where there is no key.</summary>
    Put,

    /// <summary>The row under the key takes the values that were sent.</summary>
    Patch,

    /// <summary>No row stands under the key.</summary>
    Delete,
}

/// <summary>The rows for one table in one transaction, folded to one for each key: what the last of them says, unchanged values taken from the one before.</summary>
/// <remarks>So their order within the table doesn't matter any more. Rows without key stay as they came. Used again and again.</remarks>
internal sealed class RowFold
{
    private readonly TargetTable _table;
    private readonly Dictionary<Part, int> _places;
    private readonly List<Entry> _entries = [];
    private readonly TupleWriter _merged = new();
    private byte[] _bytes = new byte[64 << 10];

    public RowFold(TargetTable table)
    {
        _table = table;
        _places = new Dictionary<Part, int>(new ByContent(this));
    }

    /// <summary>A stretch of the fold's bytes.</summary>
    public readonly record struct Part(int Start, int Length);

    /// <summary>One row.</summary>
    public readonly record struct Entry(RowKind Kind, Part Key, Part Value);

    /// <summary>The rows.</summary>
    public ReadOnlySpan<Entry> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Updates of rows that were deleted before.</summary>
    public int Missed { get; private set; }

    /// <summary>The key or value at <paramref name="part"/>.</summary>
    public TupleData Tuple(Part part) => new(_bytes.AsMemory(part.Start, part.Length));

    /// <summary>The row under the key is now <paramref name="value"/>, or one without key is added.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Set(RowKind.Put, key, value);

    /// <summary>The row under the key is deleted.</summary>
    public void Delete(ReadOnlySpan<byte> key) => Set(RowKind.Delete, key, default);

    /// <summary>The row under the key takes over what <paramref name="value"/> has.</summary>
    public void Patch(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var at = Append(key);
        if (!_places.TryGetValue(at, out var place))
        {
            _places.Add(at, _entries.Count);
            _entries.Add(new Entry(RowKind.Patch, at, Append(value)));
            return;
        }

        Length = at.Start;
        var known = _entries[place];
        if (known.Kind == RowKind.Delete)
        {
            Missed++;
            return;
        }

        _merged.CutTo(0);
        Merge(new TupleData(value.ToArray()), Tuple(known.Value));
        _entries[place] = known with { Value = Append(_merged.Written.Span) };
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _places.Clear();
        _entries.Clear();
        (Length, Missed) = (0, 0);
    }

    private void Set(RowKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_table.IsKeyed)
        {
            _entries.Add(new Entry(kind, default, Append(value)));
            return;
        }

        var at = Append(key);
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, at, out var isKnown);
        if (!isKnown)
        {
            place = _entries.Count;
            _entries.Add(new Entry(kind, at, Append(value)));
            return;
        }

        Length = at.Start;
        _entries[place] = new Entry(kind, _entries[place].Key, Append(value));
    }

    private void Merge(in TupleData newer, in TupleData older)
    {
        _merged.Begin();
        var old = older.GetEnumerator();
        foreach (var value in newer)
        {
            var isThere = old.MoveNext();
            Check.That(isThere);
            _merged.Value(value.Kind == TupleData.ValueKind.Unchanged ? old.Current : value);
        }
    }

    private Part Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - Length < bytes.Length) Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length * 2, Length + bytes.Length)));
        bytes.CopyTo(_bytes.AsSpan(Length));
        var part = new Part(Length, bytes.Length);
        Length += bytes.Length;
        return part;
    }

    private sealed class ByContent(RowFold fold) : IEqualityComparer<Part>
    {
        public bool Equals(Part x, Part y) => fold._bytes.AsSpan(x.Start, x.Length).SequenceEqual(fold._bytes.AsSpan(y.Start, y.Length));

        public int GetHashCode(Part part)
        {
            var hash = default(HashCode);
            hash.AddBytes(fold._bytes.AsSpan(part.Start, part.Length));
            return hash.ToHashCode();
        }
    }
}
