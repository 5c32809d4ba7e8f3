using System.Buffers;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Which topic a row's record goes to: the table's, unless plain rows name theirs in a field (<c>route.by.field</c>).</summary>
internal sealed class TopicRoute
{
    private readonly TableModel _model;
    private readonly ConnectSchema _value;
    private readonly Serialization _serialization;
    private readonly bool _saysNull;
    private readonly ColumnModel? _column;
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly Dictionary<string, TableTopic> _topics = new(StringComparer.Ordinal);

    /// <summary>Makes it for a table.</summary>
    /// <exception cref="ConfigurationException">The field isn't there, or isn't text.</exception>
    public TopicRoute(TableModel model, ConnectSchema value, DebeziumOptions options, Serialization serialization)
    {
        (_model, _value, _serialization) = (model, value, serialization);

        // Debezium's plain rows keep their schema where a row was deleted, so that JSON has a value which says null; compaction keeps such a record for ever.
        _saysNull = options is { Unwrap.Deletes: UnwrapDeletes.Tombstone, Compatibility: Compatibility.Exact } && serialization.Wire == Wire.Json;
        Home = Topic(model.Topic);
        if (options.Unwrap is not { RouteByField.Length: > 0 } unwrap) return;
        _column = model.Columns.FirstOrDefault(column => column?.Field.Name == unwrap.RouteByField);
        if (_column?.Field.Schema.Type != ConnectType.String)
        {
            throw new ConfigurationException($"route.by.field: {model.Table.FullName} has {(_column is null ? "no field" : "no text in the field")} '{unwrap.RouteByField}', by which its records are to be routed. "
                + "Name a field of text that every table has, or leave such tables out (table.exclude.list).");
        }
    }

    /// <summary>The table's topic.</summary>
    public TableTopic Home { get; }

    /// <summary>The topic of a row; the table's where the row has no name in the field, as where Postgres sent the old row's key alone.</summary>
    public TableTopic Of(TuplePlaces? row)
    {
        if (_column is null || row is null || row.IsNull(_column.Index) || row.IsUnchanged(_column.Index)) return Home;
        _text.ResetWrittenCount();
        var output = new RecordOutput(_text, Wire.Header);
        _column.Form.Write(row.Value(_column.Index, row.Bytes), ref output);
        output.Flush();
        var name = Encoding.UTF8.GetString(_text.WrittenSpan[1..^1]);
        if (string.IsNullOrWhiteSpace(name)) return Home;
        if (!_topics.TryGetValue(name, out var topic)) _topics.Add(name, topic = Topic(TopicNames.Safe(name)));
        return topic;
    }

    private TableTopic Topic(string name) => new(
        name,
        new RecordFrame(_serialization, name, isKey: true, _model.KeySchema),
        new RecordFrame(_serialization, name, isKey: false, _value),
        _saysNull ? new RecordFrame(_serialization, name, isKey: false, _model.RowSchema) : null);
}
