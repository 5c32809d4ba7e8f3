namespace Pathway.Connectors.Debezium;

/// <summary>Writes some columns of a table's rows, in a given order. Compiled once for each version of a table.</summary>
internal sealed class RowEncoder
{
    private readonly Slot[] _slots;
    private readonly byte[] _begin, _end, _nothing;

    /// <summary>Compiles it.</summary>
    /// <param name="model">The table.</param>
    /// <param name="columns">The columns, in the order of writing.</param>
    /// <param name="options">How events are written.</param>
    /// <param name="wire">What is written.</param>
    public RowEncoder(TableModel model, IEnumerable<ColumnModel?> columns, DebeziumOptions options, Wire wire)
    {
        var slots = new List<Slot>();
        foreach (var column in columns)
            if (column is not null) slots.Add(new Slot(column, isFirst: slots.Count == 0, options, wire));
        _slots = [.. slots];
        _begin = Section.Compile(wire, (ref output) =>
        {
            output.Present(model.RowSchema);
            output.BeginStruct();
        });
        _end = Section.Compile(wire, (ref output) => output.EndStruct());
        _nothing = Section.Compile(wire, (ref output) => output.Null(model.RowSchema));
    }

    /// <summary>Whether there are no columns.</summary>
    public bool IsEmpty => _slots.Length == 0;

    /// <summary>Writes a row, or that there is none.</summary>
    public void WriteRow(TuplePlaces? tuple, TuplePlaces old, ref RecordOutput output)
    {
        if (tuple is null)
        {
            output.Raw(_nothing);
            return;
        }

        output.Raw(_begin);
        WriteValues(tuple, old, ref output);
        output.Raw(_end);
    }

    /// <summary>Writes the values, with their names in JSON.</summary>
    /// <param name="tuple">The row.</param>
    /// <param name="old">The row before, which may have the whole of a large value that didn't change.</param>
    /// <param name="output">Where to.</param>
    public void WriteValues(TuplePlaces tuple, TuplePlaces old, ref RecordOutput output)
    {
        var bytes = tuple.Bytes;
        foreach (var slot in _slots)
        {
            var column = slot.Column;
            if (tuple.IsNull(column)) output.Raw(tuple.IsWhole ? slot.Null : slot.Absent);
            else if (!tuple.IsUnchanged(column)) slot.Write(tuple.Value(column, bytes), ref output);
            else if (old.IsPresent && !old.IsNull(column) && !old.IsUnchanged(column)) slot.Write(old.Value(column, old.Bytes), ref output);      // the old row has the whole value
            else if (old.IsPresent && old.IsWhole && old.IsNull(column)) output.Raw(slot.Null);
            else output.Raw(slot.Unavailable);
        }
    }

    /// <summary>Whether the values differ between two rows, text by text.</summary>
    public bool Differ(TuplePlaces left, TuplePlaces right)
    {
        foreach (var slot in _slots)
            if (!TuplePlaces.AreSame(left, right, slot.Column)) return true;
        return false;
    }
}
