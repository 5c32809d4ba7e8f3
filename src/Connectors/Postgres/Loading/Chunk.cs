using System.Buffers.Binary;

namespace Pathway.Connectors.Postgres;

/// <summary>A range of a table's rows that was read at once, until its mark comes by in the stream.</summary>
/// <remarks>
/// Exact by visibility, not by time (DBLog with the snapshot of the reading transaction): an event of a transaction that the reading couldn't see removes its key; what is left at the mark is what the table
/// held there. A large value that such an event left out is taken from the row that it removes.
/// </remarks>
internal sealed class Chunk(PgTable table, TxSnapshot snapshot)
{
    private readonly List<TupleData?> _rows = [];
    private readonly Dictionary<PgTable, int[]> _places = [];
    private Dictionary<string, int>? _byKey; // made when the first event of an unseen transaction comes

    /// <summary>The table, with the columns that were read.</summary>
    public PgTable Table => table;

    /// <summary>The table's name in the progress of the load.</summary>
    public required string Pending { get; init; }

    /// <summary>Why the table is loaded.</summary>
    public required LoadCause Cause { get; init; }

    /// <summary>Whether it begins the table.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Whether the table is the first of all.</summary>
    public bool IsFirstTable { get; init; }

    /// <summary>Whether it ends the table.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Whether it ends its table and the tables after it were empty when it was read.</summary>
    public bool LaterAreEmpty { get; set; }

    /// <summary>Whether no row comes after it in any table.</summary>
    public bool EndsLoad { get; set; }

    /// <summary>How many rows were read.</summary>
    public int Read => _rows.Count;

    /// <summary>How many bytes the rows had that were read.</summary>
    public long Bytes { get; private set; }

    /// <summary>When it was read, in microseconds since 1970.</summary>
    public required long ReadMicros { get; init; }

    /// <summary>The key of the last row that was read, also when an event removed it since; null for none.</summary>
    public string[]? LastKey { get; private set; }

    /// <summary>Adds a row that was read.</summary>
    public void Add(TupleData row)
    {
        _rows.Add(row);
        Bytes += row.Memory.Length;
    }

    /// <summary>All is read: at most <paramref name="most"/> rows are kept, one beyond them was read only to know that there is more; null where the range had an end.</summary>
    /// <param name="most">How many rows the range has at most.</param>
    /// <param name="isCut">Whether reading was ended early, with more rows to come.</param>
    public void EndReading(int? most, bool isCut)
    {
        IsLast = !isCut && _rows.Count <= most;
        if (_rows.Count > most) _rows.RemoveAt(_rows.Count - 1);
        LastKey = _rows.Count == 0 ? null : TupleKey.Values(_rows[^1]!.Value, TupleKey.Places(table));
    }

    /// <summary>Takes note of a streamed change before the mark; gives it back with what it left out.</summary>
    public ChangeEvent Meet(in ChangeEvent change)
    {
        if (change.Table.Oid != table.Oid || snapshot.Sees(change.Transaction.Xid)) return change;
        if (change.Kind == ChangeKind.Truncate)
        {
            _rows.Clear();
            _byKey = null;
            return change;
        }

        var byKey = _byKey ??= Index();
        if (!_places.TryGetValue(change.Table, out var places)) _places[change.Table] = places = TupleKey.Places(change.Table);
        var met = change;
        if (!change.Old.IsAbsent && byKey.Remove(TupleKey.Text(change.Old, places), out var old)) met = Remove(old, met);
        if (!change.New.IsAbsent && byKey.Remove(TupleKey.Text(change.New, places), out var now)) met = Remove(now, met);
        return met;
    }

    /// <summary>The rows that are left, with their places in the load.</summary>
    public IEnumerable<(TupleData Row, LoadPlace Place)> Left()
    {
        var left = _rows.Where(r => r is not null).Select(r => r!.Value).ToList();
        var isSingle = IsFirst && IsLast && left.Count == 1;
        for (var i = 0; i < left.Count; i++)
        {
            var place = Cause != LoadCause.First ? LoadPlace.Later
                : IsLast && i == left.Count - 1 ? EndsLoad ? LoadPlace.Last : LoadPlace.LastInTable
                : IsFirst && i == 0 && !isSingle ? IsFirstTable ? LoadPlace.First : LoadPlace.FirstInTable
                : LoadPlace.Within;
            yield return (left[i], place);
        }
    }

    private Dictionary<string, int> Index()
    {
        var places = TupleKey.Places(table);
        var index = new Dictionary<string, int>(_rows.Count, StringComparer.Ordinal);
        for (var i = 0; i < _rows.Count; i++) index[TupleKey.Text(_rows[i]!.Value, places)] = i;
        return index;
    }

    private ChangeEvent Remove(int index, in ChangeEvent change)
    {
        var row = _rows[index]!.Value;
        _rows[index] = null;
        return change.Kind == ChangeKind.Update && change.New.HasUnchanged ? Filled(change, row) : change;
    }

    // The same change with the row's values in the place of those that were left out.
    private ChangeEvent Filled(in ChangeEvent change, in TupleData row)
    {
        var known = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        var column = 0;
        foreach (var value in row) known[table.Columns[column++].Name] = value.Kind == TupleData.ValueKind.Null ? null : value.Bytes.ToArray();
        var filled = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt16BigEndian(number, (short)change.New.Count);
        filled.Write(number[..2]);
        column = 0;
        foreach (var value in change.New)
        {
            var kind = value.Kind;
            var bytes = value.Bytes;
            if (kind == TupleData.ValueKind.Unchanged && known.TryGetValue(change.Table.Columns[column].Name, out var stored))
            {
                kind = stored is null ? TupleData.ValueKind.Null : TupleData.ValueKind.Text;
                bytes = stored;
            }

            column++;
            filled.WriteByte((byte)kind);
            if (kind is TupleData.ValueKind.Null or TupleData.ValueKind.Unchanged) continue;
            BinaryPrimitives.WriteInt32BigEndian(number, bytes.Length);
            filled.Write(number);
            filled.Write(bytes);
        }

        return new ChangeEvent
        {
            Table = change.Table, Kind = change.Kind, Transaction = change.Transaction, Lsn = change.Lsn, Old = change.Old, OldIsWhole = change.OldIsWhole, New = new TupleData(filled.ToArray()),
        };
    }
}
