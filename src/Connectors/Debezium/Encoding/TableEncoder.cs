using System.Buffers;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes the events of one version of a table. Compiled once: what is the same in all events stands ready as bytes.</summary>
/// <remarks>Used by one worker; holds nothing between two events but what it was compiled to.</remarks>
internal sealed class TableEncoder
{
    private readonly string _collection;
    private readonly DebeziumOptions _options;
    private readonly Wire _wire;
    private readonly HeaderEncoder _headers;
    private readonly TransactionCounter? _counter;
    private readonly RowEncoder _key, _headerKey;
    private readonly ConnectSchema _keySchema;
    private readonly ValueEncoder _value;
    private readonly TopicRoute _route;
    private readonly RowEncoder? _compared;    // what has to differ for an update to be written; null where every update is
    private readonly byte[] _keyBegin, _keyEnd;
    private readonly AddedPart[] _addedHeaders;
    private readonly TuplePlaces _old, _new;
    private readonly ArrayBufferWriter<byte> _oldValues = new(), _newValues = new();
    private readonly bool _skipsInserts, _skipsUpdates, _skipsDeletes, _skipsTruncates;

    /// <summary>Compiles the encoder of a table.</summary>
    public TableEncoder(TableModel model, DebeziumOptions options, Serialization serialization, HeaderEncoder headers, TransactionCounter? counter)
    {
        (_collection, _options, _wire, _headers, _counter) = (model.Table.FullName, options, serialization.Wire, headers, counter);
        _keySchema = model.KeySchema;
        _key = new RowEncoder(model, model.Key, options, _wire);
        _headerKey = new RowEncoder(model, model.Key, options, headers.Wire);
        _value = options.Unwrap is { } unwrap ? new FlatEncoder(model, options, unwrap, _wire) : new EnvelopeEncoder(model, options, _wire);
        _addedHeaders = options.Unwrap is { } added ? [.. added.AddHeaders.Select(part => new AddedPart(part, added.HeaderPrefix, model.Table, options, headers.Wire))] : [];
        _route = new TopicRoute(model, _value.Schema, options, serialization);
        if (options.SkipsMessagesWithoutChange) _compared = new RowEncoder(model, model.Columns, options, _wire);
        _keyBegin = Section.Compile(_wire, (ref output) => output.BeginStruct());
        _keyEnd = Section.Compile(_wire, (ref output) => output.EndStruct());
        (_old, _new) = (new TuplePlaces(model.Columns.Count), new TuplePlaces(model.Columns.Count));
        _skipsInserts = Skips(options, 'c');
        _skipsUpdates = Skips(options, 'u');
        _skipsDeletes = Skips(options, 'd');
        _skipsTruncates = Skips(options, 't');
    }

    /// <summary>Appends the records of one change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="clock">Number and time of the batch it belongs to.</param>
    /// <param name="output">Where the records go.</param>
    public void Write(in ChangeEvent change, in BatchClock clock, OutputBuffer output)
    {
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
            case ChangeKind.Update when _compared is not null && _old.IsPresent && !Differs(_compared):
                break;
            case ChangeKind.Update when _old.IsPresent && Differs(_key):       // two records, which are skipped each by its own letter
                if (!_skipsDeletes) WriteDelete(change, clock, newKey: _new, output);
                if (!_skipsInserts) WriteRow(change, clock, 'c', before: null, after: _new, otherKey: _old, output);
                break;
            case ChangeKind.Update when !_skipsUpdates:
                WriteRow(change, clock, 'u', before: _old.IsPresent ? _old : null, after: _new, otherKey: null, output);
                break;
            case ChangeKind.Delete when !_skipsDeletes:
                WriteDelete(change, clock, newKey: null, output);
                break;
            case ChangeKind.Truncate when !_skipsTruncates && _options.Unwrap is not null:
                Place(change);
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
                if (_options.TombstonesOnDelete) WriteTombstone(_route.Home, newKey, clock, output);
                break;
            case UnwrapDeletes.Rewrite:
                WriteRow(change, clock, 'd', before: _old, after: null, otherKey: newKey, output);
                break;
            case UnwrapDeletes.RewriteWithTombstone:
                WriteRow(change, clock, 'd', before: _old, after: null, otherKey: newKey, output);
                WriteTombstone(_options.Compatibility == Compatibility.Exact ? _route.Home : _route.Of(_old), newKey, clock, output);
                break;
            case UnwrapDeletes.Tombstone or UnwrapDeletes.DeleteToTombstone:
                WriteDeleted(change, clock, newKey, output);
                break;
            default:
                Place(change);
                break;
        }
    }

    /// <summary>A delete as a record without value.</summary>
    private void WriteDeleted(in ChangeEvent change, in BatchClock clock, TuplePlaces? newKey, OutputBuffer output)
    {
        var row = RowOf(change, clock, 'd', before: _old, after: null);
        var topic = _route.Of(_old);
        output.BeginRow(topic.Number(clock, output));
        WriteKey(topic, _old, output);
        if (topic.Null is { } nothing)
        {
            output.BeginValue();
            output.Write(nothing.Head);
            output.Write("null"u8);
            output.Write(nothing.Tail);
        }

        WriteHeaders(newKey, isOld: false, output);
        foreach (var part in _addedHeaders) WriteHeader(part, row, output);
        output.EndRow();
    }

    private void WriteTombstone(TableTopic topic, TuplePlaces? newKey, in BatchClock clock, OutputBuffer output)
    {
        output.BeginRow(topic.Number(clock, output));
        WriteKey(topic, _old, output);
        WriteHeaders(newKey, isOld: false, output);
        output.EndRow();
    }

    private void WriteRow(in ChangeEvent change, in BatchClock clock, char operation, TuplePlaces? before, TuplePlaces? after, TuplePlaces? otherKey, OutputBuffer output)
    {
        var row = RowOf(change, clock, operation, before, after);
        var topic = _route.Of(after ?? before);
        output.BeginRow(topic.Number(clock, output));
        if ((after ?? before) is { } key) WriteKey(topic, key, output);
        var head = topic.Value.Head;                              // registers the schema, which comes after the key's
        output.BeginValue();
        var value = new RecordOutput(output, _wire);
        value.Raw(head);
        _value.Write(row, ref value);
        value.Raw(topic.Value.Tail);
        value.Flush();
        WriteHeaders(otherKey, isOld: ReferenceEquals(otherKey, _old), output);
        foreach (var part in _addedHeaders) WriteHeader(part, row, output);
        output.EndRow();
    }

    private RowEvent RowOf(in ChangeEvent change, in BatchClock clock, char operation, TuplePlaces? before, TuplePlaces? after) => new()
    {
        Change = change, Operation = (byte)operation, Before = before, After = after, Old = _old, Clock = clock,
        Place = Place(change),
    };

    /// <summary>Counts an event, whether or not a transformation leaves a record of it.</summary>
    private EventPlace Place(in ChangeEvent change) => _counter is { } counter && change.Kind != ChangeKind.Load ? counter.Count(change.Transaction, _collection) : default;

    private void WriteKey(TableTopic topic, TuplePlaces tuple, OutputBuffer output)
    {
        if (_key.IsEmpty) return;
        var head = topic.Key.Head;
        output.BeginKey();
        var key = new RecordOutput(output, _wire);
        key.Raw(head);
        key.Raw(_keyBegin);
        _key.WriteValues(tuple, _old, ref key);
        key.Raw(_keyEnd);
        key.Raw(topic.Key.Tail);
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
        _oldValues.ResetWrittenCount();
        var json = new RecordOutput(_oldValues, _headers.Wire);
        if (part.HasValue(row)) part.WriteValue(row, ref json);
        else json.Raw("null"u8);
        json.Flush();
        _headers.Add(output, Section.Utf8(part.Field.Name), part.HasValue(row) ? part.Field.Schema : part.Field.Schema with { Type = ConnectType.Struct }, (ref header) => header.Raw(_oldValues.WrittenSpan));
    }

    /// <summary>Whether values differ between the old row and the new; as written, since 1.0 and 1.00 are one number, and what Postgres didn't send of the old row counts as its placeholder.</summary>
    private bool Differs(RowEncoder columns)
    {
        if (!columns.Differ(_old, _new)) return false;
        WriteValues(columns, _old, _oldValues);
        WriteValues(columns, _new, _newValues);
        return !_oldValues.WrittenSpan.SequenceEqual(_newValues.WrittenSpan);
    }

    private void WriteValues(RowEncoder columns, TuplePlaces tuple, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        var output = new RecordOutput(scratch, _wire);
        columns.WriteValues(tuple, _old, ref output);
        output.Flush();
    }

    private static bool Skips(DebeziumOptions options, char operation) => options.SkippedOperations.Contains(operation, StringComparison.Ordinal);
}
