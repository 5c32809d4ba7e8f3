using System.Text;

namespace Pathway.Connectors;

/// <summary>Makes rows from CSV. Columns are found by the names of members, in any case and whatever <c>_</c>, <c>-</c> or blanks are in them; others are left out.</summary>
internal sealed class CsvRecordReader<TRow> : IRecordReader<TRow>
{
    private readonly CsvFields _fields;
    private int _columns;

    public CsvRecordReader(CsvOptions options)
    {
        (HasHeader, _fields) = (options.HasHeader, new CsvFields(options));
        if (HasHeader) return;
        _columns = CsvRows<TRow>.Members.Count;
        _fields.Begin([.. Enumerable.Range(0, _columns)], [.. CsvRows<TRow>.Members.Select(m => m.Accessor.Name)]);
    }

    public bool HasHeader { get; }

    public bool ReadsBlank => false;

    public void TakeHeader(ReadOnlySpan<byte> record)
    {
        _fields.Split(record);
        var names = Enumerable.Range(0, _fields.Count).Select(_fields.TextOf).ToArray();
        var columns = CsvRows<TRow>.Members.Select(member => ColumnOf(member, names)).ToArray();
        (_columns, var missing) = (names.Length, CsvRows<TRow>.Members.Where((m, i) => columns[i] < 0 && !m.CanBeMissing).Select(m => m.Accessor.Name).ToList());
        if (missing.Count > 0) throw new FormatException($"{typeof(TRow).Name} needs a column for {string.Join(", ", missing)}, and the columns are {string.Join(", ", names)}.");
        _fields.Begin(columns, names);
    }

    public bool TryRead(ReadOnlySpan<byte> record, out TRow row)
    {
        _fields.Split(record);
        if (_fields.Count != _columns) throw new FormatException($"it has {_fields.Count} values, not {_columns}");
        row = CsvRows<TRow>.Make(_fields);
        return true;
    }

    private static int ColumnOf(JsonRowMember member, string[] names)
    {
        var found = names.Select((name, at) => (name, at)).Where(n => Plain(n.name) == Plain(member.Name) || Plain(n.name) == Plain(member.Accessor.Name)).ToList();
        if (found.Count > 1) throw new FormatException($"The columns {string.Join(" and ", found.Select(f => $"'{f.name}'"))} both stand for the member {member.Accessor.Name}.");
        return found.Count == 0 ? -1 : found[0].at;
    }

    private static string Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var c in name)
            if (c is not ('_' or '-' or ' ')) plain.Append(char.ToUpperInvariant(c));
        return plain.ToString();
    }
}
