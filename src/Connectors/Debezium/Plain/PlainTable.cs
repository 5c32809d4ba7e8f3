using System.Text.Encodings.Web;
using System.Text.Json;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes the changes of one version of a table as plain rows.</summary>
internal sealed class PlainTable
{
    private readonly PgTable _table;
    private readonly string _topic;
    private readonly (int Place, JsonEncodedText Name, PlainValue Value)[] _columns, _keys;
    private readonly bool _keyIsSent;
    private readonly TuplePlaces _old, _new;
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private ushort _number;

    public PlainTable(PgTable table, string prefix)
    {
        _table = table;
        _topic = TopicNames.Of(table, new DebeziumOptions { TopicPrefix = prefix, Database = "" });
        // Generated columns are loaded, but not streamed: a row is the same in both.
        _columns = [.. Enumerable.Range(0, table.Columns.Count).Where(i => !table.Columns[i].IsGenerated).Select(Column)];
        _keys = [.. new MessageKeys(null).Of(table).Select(name => Array.Find(_columns, c => table.Columns[c.Place].Name == name)).Where(c => c.Value is not null)];
        _keyIsSent = table.ReplicaIdentity != PgReplicaIdentity.Index || Array.TrueForAll(_keys, k => table.Columns[k.Place].IsIdentity);
        (_old, _new) = (new TuplePlaces(table.Columns.Count), new TuplePlaces(table.Columns.Count));
    }

    /// <summary>Appends the records for a change.</summary>
    public void Write(in ChangeEvent change, OutputBuffer output)
    {
        _new.Read(change.New, isWhole: true);
        _old.Read(change.Old, change.OldIsWhole);
        if (change.Kind is ChangeKind.Update or ChangeKind.Delete) CheckKey(change);
        // Before the row stands under another key it is gone under the old one.
        if (change.Kind == ChangeKind.Delete || (change.Kind == ChangeKind.Update && _old.IsPresent && KeyChanged())) WriteGone(output);
        if (change.Kind != ChangeKind.Delete) WriteRow(output);
    }

    private void WriteGone(OutputBuffer output)
    {
        Begin(output);
        WriteKey(_old, output);
        output.EndRow();
    }

    private void WriteRow(OutputBuffer output)
    {
        Begin(output);
        if (_keys.Length > 0) WriteKey(_new, output);
        output.BeginValue();
        WriteObject(_columns, _new, output);
        output.EndRow();
    }

    private void WriteKey(TuplePlaces row, OutputBuffer output)
    {
        output.BeginKey();
        WriteObject(_keys, row, output);
    }

    private void WriteObject((int Place, JsonEncodedText Name, PlainValue Value)[] columns, TuplePlaces row, OutputBuffer output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        foreach (var (place, name, value) in columns)
        {
            _json.WritePropertyName(name);
            // What wasn't sent again may stand in the old row, or in the old key.
            var from = row.IsUnchanged(place) && _old.IsPresent && !_old.IsUnchanged(place) && (_old.IsWhole || Array.Exists(_keys, k => k.Place == place)) ? _old : row;
            if (from.IsNull(place)) _json.WriteNullValue();
            else if (from.IsUnchanged(place)) _json.WriteStringValue(DebeziumOptions.UnavailableValue);
            else value.Write(from.Value(place, from.Bytes), _json);
        }

        _json.WriteEndObject();
        _json.Flush();
    }

    private void Begin(OutputBuffer output)
    {
        if (_number >= output.Destinations.Count || !ReferenceEquals(output.Destinations[_number], _topic)) _number = output.Destination(_topic);
        output.BeginRow(_number);
    }

    private bool KeyChanged()
    {
        foreach (var (place, _, _) in _keys)
            if (!_new.IsUnchanged(place) && !TuplePlaces.AreSame(_old, _new, place)) return true;
        return false;
    }

    private void CheckKey(in ChangeEvent change)
    {
        if (_keys.Length == 0)
        {
            throw new BadDataException(
                $"Table {_table.FullName} has no key, and a row of it was updated or deleted: plain rows can't say which one that is. Give it a primary key, or use format debezium-json, whose events tell what happened.");
        }

        if (!change.Old.IsAbsent && !change.OldIsWhole && !_keyIsSent)
        {
            throw new BadDataException(
                $"Table {_table.FullName} has REPLICA IDENTITY USING INDEX, so that old rows come with the columns of that index, and not with the key of its records. Use REPLICA IDENTITY DEFAULT or FULL.");
        }
    }

    private (int Place, JsonEncodedText Name, PlainValue Value) Column(int place) =>
        (place, JsonEncodedText.Encode(_table.Columns[place].Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping), PlainValue.Of(PgTypes.Resolve(_table.Columns[place]).Type));
}
