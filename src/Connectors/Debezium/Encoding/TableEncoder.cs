using System.Buffers;
using System.Text;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes the events of one version of a table as JSON. Compiled once: what is the same in all events stands ready as bytes.</summary>
/// <remarks>Used by one worker; holds nothing between two events but what it was compiled to.</remarks>
internal sealed class TableEncoder
{
    private readonly Slot[] _columns;
    private readonly Slot[] _key;
    private readonly byte[] _keyHead, _valueHead, _tail;
    private readonly SourceEncoder _source;
    private readonly TuplePlaces _old, _new;
    private readonly ArrayBufferWriter<byte> _oldKey = new(), _newKey = new();
    private readonly bool _tombstones;
    private long _batch = -1;
    private ushort _destination;

    /// <summary>Compiles the encoder of a table.</summary>
    public TableEncoder(TableModel model, DebeziumOptions options)
    {
        Topic = model.Topic;
        _tombstones = options.TombstonesOnDelete;
        _columns = Slots(model, Enumerable.Range(0, model.Columns.Count));
        _key = Slots(model, model.Key);
        _keyHead = Head(options, model.KeySchema, "{"u8);
        _valueHead = Head(options, EnvelopeSchema.Of(model), "{\"before\":"u8);
        _tail = options.Schemas ? "}}"u8.ToArray() : "}"u8.ToArray();
        _source = new SourceEncoder(model.Table, options);
        (_old, _new) = (new TuplePlaces(model.Columns.Count), new TuplePlaces(model.Columns.Count));
    }

    /// <summary>Where the events go.</summary>
    public string Topic { get; }

    /// <summary>Appends the records of one change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="batch">Number and time of the batch it belongs to; the number of the topic in <paramref name="output"/> holds for one batch.</param>
    /// <param name="output">Where the records go.</param>
    public void Write(in ChangeEvent change, in BatchClock batch, OutputBuffer output)
    {
        if (_batch != batch.Number) (_batch, _destination) = (batch.Number, output.Destination(Topic));
        _new.Read(change.New, isWhole: true);
        _old.Read(change.Old, change.OldIsWhole);
        switch (change.Kind)
        {
            case ChangeKind.Load:
                WriteRecord(change, batch, output, "r"u8, _new, before: null, after: _new);
                break;
            case ChangeKind.Insert:
                WriteRecord(change, batch, output, "c"u8, _new, before: null, after: _new);
                break;
            case ChangeKind.Update when _old.IsPresent && KeyChanged():
                WriteDelete(change, batch, output);
                WriteRecord(change, batch, output, "c"u8, _new, before: null, after: _new);
                break;
            case ChangeKind.Update:
                WriteRecord(change, batch, output, "u"u8, _new, before: _old.IsPresent ? _old : null, after: _new);
                break;
            case ChangeKind.Delete:
                WriteDelete(change, batch, output);
                break;
            default:
                break;                                            // truncates are skipped, as Debezium does by default
        }
    }

    private void WriteDelete(in ChangeEvent change, in BatchClock batch, OutputBuffer output)
    {
        WriteRecord(change, batch, output, "d"u8, _old, before: _old, after: null);
        if (!_tombstones) return;
        output.BeginRow(_destination);
        WriteKey(_old, output);
        output.EndRow();
    }

    private void WriteRecord(in ChangeEvent change, in BatchClock batch, OutputBuffer output, ReadOnlySpan<byte> operation, TuplePlaces key, TuplePlaces? before, TuplePlaces? after)
    {
        output.BeginRow(_destination);
        WriteKey(key, output);
        output.BeginValue();
        var json = new JsonOutput(output);
        json.Raw(_valueHead);
        WriteRow(before, ref json);
        json.Raw(",\"after\":"u8);
        WriteRow(after, ref json);
        _source.Write(change, ref json);
        json.Raw(operation);
        json.Raw(batch.Tail);
        json.Raw(_tail);
        json.Flush();
        output.EndRow();
    }

    private void WriteKey(TuplePlaces tuple, OutputBuffer output)
    {
        if (_key.Length == 0) return;
        output.BeginKey();
        var json = new JsonOutput(output);
        json.Raw(_keyHead);
        WriteValues(_key, tuple, ref json);
        json.Raw(_tail);
        json.Flush();
    }

    private void WriteRow(TuplePlaces? tuple, ref JsonOutput json)
    {
        if (tuple is null)
        {
            json.Raw("null"u8);
            return;
        }

        json.Raw("{"u8);
        WriteValues(_columns, tuple, ref json);
        json.Raw("}"u8);
    }

    private void WriteValues(Slot[] slots, TuplePlaces tuple, ref JsonOutput json)
    {
        var bytes = tuple.Bytes;
        foreach (var slot in slots)
        {
            json.Raw(slot.Label);
            var column = slot.Column;
            if (tuple.IsNull(column)) json.Raw(tuple.IsWhole ? slot.Null : slot.Absent);
            else if (!tuple.IsUnchanged(column)) slot.Form.Write(tuple.Value(column, bytes), ref json);
            else if (_old.IsPresent && !_old.IsNull(column)) slot.Form.Write(_old.Value(column, _old.Bytes), ref json);      // the old row has the whole value
            else if (_old.IsPresent && _old.IsWhole) json.Raw(slot.Null);
            else json.Raw(slot.Unavailable);
        }
    }

    /// <summary>Whether the key's values differ; as written, since 1.0 and 1.00 are one number, and what Postgres didn't send of the old key counts as its placeholder.</summary>
    private bool KeyChanged()
    {
        var same = true;
        foreach (var slot in _key) same &= TuplePlaces.AreSame(_old, _new, slot.Column);
        if (same) return false;
        WriteValues(_old, _oldKey);
        WriteValues(_new, _newKey);
        return !_oldKey.WrittenSpan.SequenceEqual(_newKey.WrittenSpan);
    }

    private void WriteValues(TuplePlaces tuple, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        var json = new JsonOutput(scratch);
        WriteValues(_key, tuple, ref json);
        json.Flush();
    }

    private static Slot[] Slots(TableModel model, IEnumerable<int> columns)
    {
        var slots = new List<Slot>();
        foreach (var column in columns)
            if (model.Columns[column] is { } carried) slots.Add(new Slot(column, carried, Label(carried.Field.Name, isFirst: slots.Count == 0)));
        return [.. slots];
    }

    private static byte[] Label(string name, bool isFirst)
    {
        var scratch = new ArrayBufferWriter<byte>();
        var json = new JsonOutput(scratch);
        if (!isFirst) json.Raw(","u8);
        json.Text(Encoding.UTF8.GetBytes(name));
        json.Raw(":"u8);
        json.Flush();
        return scratch.WrittenSpan.ToArray();
    }

    private static byte[] Head(DebeziumOptions options, ConnectSchema schema, ReadOnlySpan<byte> start)
    {
        var scratch = new ArrayBufferWriter<byte>();
        var json = new JsonOutput(scratch);
        if (options.Schemas)
        {
            json.Raw("{\"schema\":"u8);
            JsonSchemaText.Write(schema, ref json);
            json.Raw(",\"payload\":"u8);
        }

        json.Raw(start);
        json.Flush();
        return scratch.WrittenSpan.ToArray();
    }

    /// <summary>A column in the order of writing.</summary>
    private sealed class Slot(int column, ColumnModel model, byte[] label)
    {
        public readonly int Column = column;
        public readonly byte[] Label = label;
        public readonly byte[] Null = model.Null;
        public readonly byte[] Absent = model.Absent;
        public readonly byte[] Unavailable = model.Unavailable;
        public readonly ColumnForm Form = model.Form;
    }
}
