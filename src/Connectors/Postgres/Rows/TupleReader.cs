namespace Pathway.Connectors.Postgres;

/// <summary>The values of one tuple by column: what compiled row parsers read from.</summary>
internal sealed class TupleReader(int columns)
{
    private readonly (int Start, int Length, TupleData.ValueKind Kind)[] _values = new (int, int, TupleData.ValueKind)[columns];
    private ReadOnlyMemory<byte> _memory;

    /// <summary>The column that was read last: the one to blame.</summary>
    public int Column { get; private set; }

    /// <summary>Goes to another tuple.</summary>
    public void Load(in TupleData tuple)
    {
        _memory = tuple.Memory;
        var (at, column) = (2, 0);
        foreach (var value in tuple)
        {
            var isThere = value.Kind is TupleData.ValueKind.Text or TupleData.ValueKind.Binary;
            var start = isThere ? at + 5 : at + 1;
            _values[column++] = (start, value.Bytes.Length, value.Kind);
            at = start + value.Bytes.Length;
        }
    }

    /// <summary>What value <paramref name="column"/> is.</summary>
    public TupleData.ValueKind KindOf(int column) => _values[column].Kind;

    /// <summary>Whether it was not sent.</summary>
    public bool IsUnchanged(int column) => _values[column].Kind == TupleData.ValueKind.Unchanged;

    /// <summary>The text of value <paramref name="column"/>.</summary>
    public ReadOnlySpan<byte> Text(int column)
    {
        Column = column;
        var (start, length, _) = _values[column];
        return _memory.Span.Slice(start, length);
    }
}
