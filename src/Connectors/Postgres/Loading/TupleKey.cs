using System.Text;

namespace Pathway.Connectors.Postgres;

/// <summary>The primary key of a tuple as text, to be compared byte by byte.</summary>
/// <remarks>Postgres logs an old key whenever a key column's bytes change, so that keys that are equal but print differently (1.0 and 1.00) are told apart rightly.</remarks>
internal static class TupleKey
{
    /// <summary>The values of the columns at <paramref name="places"/> (in the key's order); null where one is absent.</summary>
    public static string[] Values(in TupleData tuple, ReadOnlySpan<int> places)
    {
        var values = new string[places.Length];
        var column = 0;
        foreach (var value in tuple)
        {
            var at = places.IndexOf(column++);
            if (at >= 0) values[at] = Encoding.UTF8.GetString(value.Bytes);
        }

        return values;
    }

    /// <summary>One text for all values.</summary>
    public static string Text(in TupleData tuple, ReadOnlySpan<int> places)
    {
        var values = Values(tuple, places);
        return values.Length == 1 ? values[0] : string.Join('\0', values.Select(v => $"{v.Length}:{v}"));
    }

    /// <summary>Where the columns of the primary key stand in tuples of <paramref name="table"/>.</summary>
    public static int[] Places(PgTable table)
    {
        var names = table.Columns.Select(c => c.Name).ToList();
        return [.. table.PrimaryKey.Select(k => names.IndexOf(k))];
    }
}
