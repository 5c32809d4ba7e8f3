using System.Text;

namespace Pathway.Connectors.Postgres;

/// <summary>How rows of one version of a table look under another: column by column, where the value comes from.</summary>
/// <remarks>Columns are found again by their number, else by name. What can't be known is marked as a value that wasn't sent, never guessed.</remarks>
internal sealed class ColumnMap
{
    private const int Null = -1, Unknown = -2, Missing = -3;
    private readonly int[] _from;
    private readonly byte[]?[] _missing;

    /// <summary>From rows with the columns <paramref name="before"/> to rows of <paramref name="table"/>, whose columns are <paramref name="now"/>.</summary>
    public ColumnMap(StoredColumn[] before, StoredColumn[] now, PgTable table)
    {
        _from = new int[now.Length];
        _missing = new byte[now.Length][];
        for (var i = 0; i < _from.Length; i++)
        {
            var (column, described) = (now[i], table.Columns[i]);
            var at = Array.FindIndex(before, b => b.Number != 0 && column.Number != 0 ? b.Number == column.Number : b.Name == column.Name);
            if (at >= 0) _from[i] = HaveSameText(before[at], column) ? at : Unknown;
            else if (described.Missing is { } text) (_from[i], _missing[i]) = (Missing, Encoding.UTF8.GetBytes(text));
            else _from[i] = described.Default is null && column.Number != 0 ? Null : Unknown; // a default that isn't constant has written each row its own
        }
    }

    /// <summary>The row under the newer version.</summary>
    public TupleData Map(TupleData row)
    {
        var places = new (int Start, int Length, TupleData.ValueKind Kind)[row.Count];
        var (at, column) = (2, 0);
        foreach (var value in row)
        {
            var isThere = value.Kind is TupleData.ValueKind.Text or TupleData.ValueKind.Binary;
            places[column++] = (isThere ? at + 5 : at, value.Bytes.Length, value.Kind);
            at += (isThere ? 5 : 1) + value.Bytes.Length;
        }

        using var writer = new TupleWriter(row.Memory.Length + 64);
        writer.Begin();
        for (var i = 0; i < _from.Length; i++)
        {
            switch (_from[i])
            {
                case Null: writer.Null(); break;
                case Unknown: writer.Unchanged(); break;
                case Missing: writer.Value(new TupleData.Value(TupleData.ValueKind.Text, _missing[i])); break;
                default:
                    var (start, length, kind) = places[_from[i]];
                    writer.Value(new TupleData.Value(kind, row.Memory.Span.Slice(start, length)));
                    break;
            }
        }

        return new TupleData(writer.Written.ToArray());
    }

    // A change of type writes the table anew without telling the rows; where both types print a value alike, its text stays.
    private static bool HaveSameText(StoredColumn before, StoredColumn now)
    {
        if (before.Type == now.Type) return before.Modifier == now.Modifier || IsText(before.Type);
        return (IsInteger(before.Type) && (IsInteger(now.Type) || IsText(now.Type))) || (IsText(before.Type) && IsText(now.Type));
    }

    private static bool IsInteger(uint oid) => oid is 20 or 21 or 23;

    private static bool IsText(uint oid) => oid is 25 or 1043;
}
