using System.Text;

namespace Pathway.Connectors;

/// <summary>The values of one record, while a row is made of them.</summary>
internal sealed class CsvFields(CsvOptions options)
{
    private readonly List<(int From, int Length, bool Quoted)> _fields = [];
    private byte[] _bytes = new byte[256];
    private int[] _columns = [];      // of the members; -1 for none
    private string[] _names = [];     // of the columns

    /// <summary>How many values the record has.</summary>
    public int Count => _fields.Count;

    /// <summary>From now on member <c>i</c> stands in column <paramref name="columns"/>[i].</summary>
    public void Begin(int[] columns, string[] names) => (_columns, _names) = (columns, names);

    /// <summary>Takes a record apart.</summary>
    /// <exception cref="FormatException">A quote stands where none can.</exception>
    public void Split(ReadOnlySpan<byte> record)
    {
        _fields.Clear();
        if (record.EndsWith("\r"u8)) record = record[..^1];
        if (_bytes.Length < record.Length) _bytes = new byte[record.Length * 2];
        var (separator, quote, length) = ((byte)options.Separator, (byte)options.Quote, 0);
        while (true)
        {
            var from = length;
            var quoted = !record.IsEmpty && record[0] == quote;
            if (quoted)
            {
                record = record[1..];
                while (true)
                {
                    var end = record.IndexOf(quote);
                    if (end < 0) throw new FormatException($"the quote of value {_fields.Count + 1} has no end");
                    Append(record[..end], ref length);
                    record = record[(end + 1)..];
                    if (record.IsEmpty || record[0] != quote) break;
                    Append(record[..1], ref length);
                    record = record[1..];
                }

                if (!record.IsEmpty && record[0] != separator) throw new FormatException($"value {_fields.Count + 1} goes on behind its quote");
            }
            else
            {
                var end = record.IndexOf(separator);
                var value = end < 0 ? record : record[..end];
                if (value.Contains(quote)) throw new FormatException($"value {_fields.Count + 1} has a quote inside, and none around it");
                Append(value, ref length);
                record = record[value.Length..];
            }

            _fields.Add((from, length - from, quoted));
            if (record.IsEmpty) return;
            record = record[1..];
        }
    }

    /// <summary>The text of a value.</summary>
    public string TextOf(int field) => Encoding.UTF8.GetString(Bytes(field));

    /// <summary>Whether the member has a column.</summary>
    public bool Has(int member) => _columns[member] >= 0;

    /// <summary>The value of a member.</summary>
    /// <exception cref="FormatException">It can't be read as such a value.</exception>
    public T Read<T>(int member, string name)
    {
        var column = _columns[member];
        if (CsvValue<T>.TryRead(Bytes(column), _fields[column].Quoted, out var value)) return value;
        throw new FormatException($"column {column + 1} '{_names[column]}' holds '{TextOf(column)}', which is no {CsvValue<T>.Name} for the member {name}");
    }

    /// <summary>The text of a member, null where nothing at all stands there; an empty text has quotes.</summary>
    public string? ReadOptionalText(int member, string name)
    {
        var (_, length, quoted) = _fields[_columns[member]];
        return length == 0 && !quoted ? null : Read<string>(member, name);
    }

    private ReadOnlySpan<byte> Bytes(int field) => _bytes.AsSpan(_fields[field].From, _fields[field].Length);

    private void Append(ReadOnlySpan<byte> bytes, ref int length)
    {
        bytes.CopyTo(_bytes.AsSpan(length));
        length += bytes.Length;
    }
}
