using System.Buffers;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes the events of one version of a table. Compiled once: what is the same in all events stands ready as bytes.</summary>
/// <remarks>Used by one worker; holds nothing between two events but what it was compiled to.</remarks>
internal sealed class TableEncoder
{
    private readonly string _topic, _collection;
    private readonly DebeziumOptions _options;
    private readonly Wire _wire;
    private readonly HeaderEncoder _headers;
    private readonly TransactionCounter? _counter;
    private readonly RowEncoder _key, _headerKey;
    private readonly ConnectSchema _keySchema;
    private readonly ValueEncoder _value;
    private readonly RecordFrame _keyFrame, _valueFrame;
    private readonly RecordFrame? _nullFrame;
    private readonly byte[] _keyBegin, _keyEnd;
    private readonly AddedPart[] _addedHeaders;
    private readonly TuplePlaces _old, _new;
    private readonly ArrayBufferWriter<byte> _oldKey = new(), _newKey = new();
    private readonly bool _skipsInserts, _skipsUpdates, _skipsDeletes, _skipsTruncates;
    private long _batch = -1;
    private ushort _destination;

    /// <summary>Compiles the encoder of a table.</summary>
    public TableEncoder(TableModel model, DebeziumOptions options, Serialization serialization, HeaderEncoder headers, TransactionCounter? counter)
    {
        (_topic, _collection, _options, _wire, _headers, _counter) = (model.Topic, model.Table.FullName, options, serialization.Wire, headers, counter);
        _keySchema = model.KeySchema;
        _key = new RowEncoder(model, model.Key, options, _wire);
        _headerKey = new RowEncoder(model, model.Key, options, headers.Wire);
        _value = options.Unwrap is { } unwrap ? new FlatEncoder(model, options, unwrap, _wire) : new EnvelopeEncoder(model, options, _wire);
        _addedHeaders = options.Unwrap is { } added ? [.. added.AddHeaders.Select(part => new AddedPart(part, added.HeaderPrefix, model.Table, options, headers.Wire))] : [];
        _keyFrame = new RecordFrame(serialization, _topic, isKey: true, _keySchema);
        _valueFrame = new RecordFrame(serialization, _topic, isKey: false, _value.Schema);

        // Debezium's plain rows keep their schema where a row was deleted, so that JSON has a value which says null; compaction keeps such a record for ever.
        if (options is { Unwrap.Deletes: UnwrapDeletes.Tombstone, Compatibility: Compatibility.Exact } && _wire == Wire.Json)
            _nullFrame = new RecordFrame(serialization, _topic, isKey: false, model.RowSchema);
        _keyBegin = Section.Compile(_wire, (ref output) => output.BeginStruct());
        _keyEnd = Section.Compile(_wire, (ref output) => output.EndStruct());
        (_old, _new) = (new TuplePlaces(model.Columns.Count), new TuplePlaces(model.Columns.Count));
        _skipsInserts = Skips(options, 'c');
        _skipsUpdates = Skips(options, 'u');
        _skipsDeletes = Skips(options, 'd');
        _skipsTruncates = Skips(options, 't') || options.Unwrap is not null;
    }

    /// <summary>Appends the records of one change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="clock">Number and time of the batch it belongs to; the number of the topic in <paramref name="output"/> holds for one batch.</param>
    /// <param name="output">Where the records go.</param>
    public void Write(in ChangeEvent change, in BatchClock clock, OutputBuffer output)
    {
        if (_batch != clock.Number) (_batch, _destination) = (clock.Number, output.Destination(_topic));
        _new.Read(change.New, isWhole: true);
        _old.Read(change.Old, change.OldIsWhole);
        switch (change.Kind)
        {
            case ChangeKind.Load:
                WriteRow(change, clock, 'r', before: null, after: _new, otherKey: null, output);
                break;
            case ChangeKind.Insert when !_skipsInserts:
                WriteRow(change, clock, 'c', before: null, after: _new, otherKey: null, output);
                break;
            case ChangeKind.Update when !_skipsUpdates && _old.IsPresent && KeyChanged():
                WriteDelete(change, clock, newKey: _new, output);
                WriteRow(change, clock, 'c', before: null, after: _new, otherKey: _old, output);
                break;
            case ChangeKind.Update when !_skipsUpdates:
                WriteRow(change, clock, 'u', before: _old.IsPresent ? _old : null, after: _new, otherKey: null, output);
                break;
            case ChangeKind.Delete when !_skipsDeletes:
                WriteDelete(change, clock, newKey: null, output);
                break;
            case ChangeKind.Truncate when !_skipsTruncates:
                WriteRow(change, clock, 't', before: null, after: null, otherKey: null, output);
                break;
            default:
                break;
        }
    }

    private void WriteDelete(in ChangeEvent change, in BatchClock clock, TuplePlaces? newKey, OutputBuffer output)
    {
        switch (_options.Unwrap?.Deletes)
        {
            case null:
                WriteRow(change, clock, 'd', before: _old, after: null, otherKey: newKey, output);
                if (_options.TombstonesOnDelete) WriteTombstone(newKey, output);
                break;
            case UnwrapDeletes.Rewrite:
                WriteRow(change, clock, 'd', before: _old, after: null, otherKey: newKey, output);
                break;
            case UnwrapDeletes.RewriteWithTombstone:
                WriteRow(change, clock, 'd', before: _old, after: null, otherKey: newKey, output);
                WriteTombstone(newKey, output);
                break;
            case UnwrapDeletes.Tombstone or UnwrapDeletes.DeleteToTombstone:
                WriteDeleted(change, clock, newKey, output);
                break;
            default:
                break;
        }
    }

    /// <summary>A delete as a record without value.</summary>
    private void WriteDeleted(in ChangeEvent change, in BatchClock clock, TuplePlaces? newKey, OutputBuffer output)
    {
        output.BeginRow(_destination);
        WriteKey(_old, output);
        if (_nullFrame is not null)
        {
            output.BeginValue();
            output.Write(_nullFrame.Head);
            output.Write("null"u8);
            output.Write(_nullFrame.Tail);
        }

        WriteHeaders(newKey, isOld: false, output);
        foreach (var part in _addedHeaders) WriteHeader(part, RowOf(change, clock, 'd', before: _old, after: null), output);
        output.EndRow();
    }

    private void WriteTombstone(TuplePlaces? newKey, OutputBuffer output)
    {
        output.BeginRow(_destination);
        WriteKey(_old, output);
        WriteHeaders(newKey, isOld: false, output);
        output.EndRow();
    }

    private void WriteRow(in ChangeEvent change, in BatchClock clock, char operation, TuplePlaces? before, TuplePlaces? after, TuplePlaces? otherKey, OutputBuffer output)
    {
        var row = RowOf(change, clock, operation, before, after);
        output.BeginRow(_destination);
        if ((after ?? before) is { } key) WriteKey(key, output);
        var head = _valueFrame.Head;                              // registers the schema, which comes after the key's
        output.BeginValue();
        var value = new RecordOutput(output, _wire);
        value.Raw(head);
        _value.Write(row, ref value);
        value.Raw(_valueFrame.Tail);
        value.Flush();
        WriteHeaders(otherKey, isOld: ReferenceEquals(otherKey, _old), output);
        foreach (var part in _addedHeaders) WriteHeader(part, row, output);
        output.EndRow();
    }

    private RowEvent RowOf(in ChangeEvent change, in BatchClock clock, char operation, TuplePlaces? before, TuplePlaces? after) => new()
    {
        Change = change, Operation = (byte)operation, Before = before, After = after, Old = _old, Clock = clock,
        Place = _counter is { } counter && change.Kind != ChangeKind.Load ? counter.Count(change.Transaction, _collection) : default,
    };

    private void WriteKey(TuplePlaces tuple, OutputBuffer output)
    {
        if (_key.IsEmpty) return;
        var head = _keyFrame.Head;
        output.BeginKey();
        var key = new RecordOutput(output, _wire);
        key.Raw(head);
        key.Raw(_keyBegin);
        _key.WriteValues(tuple, _old, ref key);
        key.Raw(_keyEnd);
        key.Raw(_keyFrame.Tail);
        key.Flush();
    }

    private void WriteHeaders(TuplePlaces? otherKey, bool isOld, OutputBuffer output)
    {
        if (otherKey is not null) WriteOtherKey(otherKey, isOld, output);
        _headers.AddContext(output);
    }

    private void WriteOtherKey(TuplePlaces otherKey, bool isOld, OutputBuffer output) =>
        _headers.Add(output, isOld ? "__debezium.oldkey"u8 : "__debezium.newkey"u8, _keySchema, (ref json) =>
        {
            json.BeginStruct();
            _headerKey.WriteValues(otherKey, _old, ref json);
            json.EndStruct();
        });

    private void WriteHeader(AddedPart part, in RowEvent row, OutputBuffer output)
    {
        _oldKey.ResetWrittenCount();
        var json = new RecordOutput(_oldKey, _headers.Wire);
        if (part.HasValue(row)) part.WriteValue(row, ref json);
        else json.Raw("null"u8);
        json.Flush();
        _headers.Add(output, Section.Utf8(part.Field.Name), part.HasValue(row) ? part.Field.Schema : part.Field.Schema with { Type = ConnectType.Struct }, (ref header) => header.Raw(_oldKey.WrittenSpan));
    }

    /// <summary>Whether the key's values differ; as written, since 1.0 and 1.00 are one number, and what Postgres didn't send of the old key counts as its placeholder.</summary>
    private bool KeyChanged()
    {
        if (!_key.Differ(_old, _new)) return false;
        WriteValues(_old, _oldKey);
        WriteValues(_new, _newKey);
        return !_oldKey.WrittenSpan.SequenceEqual(_newKey.WrittenSpan);
    }

    private void WriteValues(TuplePlaces tuple, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        var output = new RecordOutput(scratch, _wire);
        _key.WriteValues(tuple, _old, ref output);
        output.Flush();
    }

    private static bool Skips(DebeziumOptions options, char operation) => options.SkippedOperations.Contains(operation, StringComparison.Ordinal);
}
