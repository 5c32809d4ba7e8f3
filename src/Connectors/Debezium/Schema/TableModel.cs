using System.Buffers;
using System.Text;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>A version of a table in Connect's data model: forms and schemas of its columns, its key, its topic. What encoders of every wire format are compiled from.</summary>
internal sealed class TableModel
{
    private readonly string _schemaName;

    private TableModel(PgTable table, string topic, string schemaName, IReadOnlyList<ColumnModel?> columns, IReadOnlyList<ColumnModel> key) =>
        (Table, Topic, _schemaName, Columns, Key) = (table, topic, schemaName, columns, key);

    /// <summary>The table.</summary>
    public PgTable Table { get; }

    /// <summary>The topic that its events go to.</summary>
    public string Topic { get; }

    /// <summary>The columns in the order of tuples; null for one that is left out.</summary>
    public IReadOnlyList<ColumnModel?> Columns { get; }

    /// <summary>The key's columns, in its order; empty without key. What masks and additions to schemas do to columns they do to rows alone.</summary>
    public IReadOnlyList<ColumnModel> Key { get; }

    /// <summary>The model of <paramref name="table"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">How events are written.</param>
    /// <param name="labels">The labels of enums.</param>
    /// <param name="loaded">Whether it is for loaded rows.</param>
    /// <param name="hasSchemas">Whether records come with schemas.</param>
    public static TableModel Of(PgTable table, DebeziumOptions options, EnumLabels labels, bool loaded, bool hasSchemas)
    {
        var factory = new FormFactory(options, labels, loaded, hasSchemas);
        var columns = new ColumnModel?[table.Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var column = table.Columns[i];
            if (IsCarried(table, column, options, loaded) && factory.Create(table, column) is { } form) columns[i] = Column(table, i, form, options, isKey: false);
        }

        CheckNames(table, columns);
        var topic = TopicNames.Of(table, options);
        return new TableModel(table, topic, AdjustedName.OfSchema(topic, options.SchemaNames), columns, KeyOf(table, factory, options));
    }

    /// <summary>The schema of the key.</summary>
    public ConnectSchema KeySchema => ConnectSchema.Named(ConnectType.Struct, _schemaName + ".Key") with { Version = null, Fields = [.. Key.Select(column => column.Field)] };

    /// <summary>The schema of a row, which may be missing.</summary>
    public ConnectSchema RowSchema => ConnectSchema.Named(ConnectType.Struct, _schemaName + ".Value") with
    {
        Version = null, IsOptional = true, Fields = [.. Columns.Where(column => column is not null).Select(column => column!.Field)],
    };

    /// <summary>The schema of an event.</summary>
    public ConnectSchema EnvelopeSchema => Debezium.EnvelopeSchema.Of(_schemaName + ".Envelope", RowSchema);

    /// <summary>Debezium reads generated columns in its snapshot but not in the stream; ours are the same rows in both.</summary>
    private static bool IsCarried(PgTable table, PgColumn column, DebeziumOptions options, bool loaded) =>
        !(column.IsGenerated && loaded && options.Compatibility == Compatibility.Right) && options.Columns.Has(table, column);

    private static ColumnModel Column(PgTable table, int index, ColumnForm form, DebeziumOptions options, bool isKey)
    {
        var column = table.Columns[index];
        var text = ColumnDefault.Read(column, form, options.Compatibility);
        var defaultJson = text is null ? null : Json(form, text);
        IReadOnlyList<KeyValuePair<string, string>> parameters = isKey ? form.Schema.Parameters : [.. form.Schema.Parameters, .. options.Columns.Parameters(table, column)];
        var schema = form.Schema with { IsOptional = !column.IsNotNull, DefaultJson = defaultJson, Parameters = parameters };
        return new ColumnModel(index, new ConnectField(AdjustedName.OfField(column.Name, options.FieldNames), schema), form, text);
    }

    private static byte[] Json(ColumnForm form, byte[] text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var output = new RecordOutput(buffer, Wire.Json);
        form.Write(text, ref output);
        output.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The key's columns, also those that are left out of rows: without one of them different rows had one key.</summary>
    private static ColumnModel[] KeyOf(PgTable table, FormFactory factory, DebeziumOptions options) =>
    [
        .. from name in new MessageKeys(options.MessageKeyColumns).Of(table)
           let index = IndexOf(table, name)
           where index >= 0
           let form = factory.CreateForKey(table, table.Columns[index])
           where form is not null
           select Column(table, index, form, options, isKey: true),
    ];

    private static int IndexOf(PgTable table, string column)
    {
        for (var index = 0; index < table.Columns.Count; index++)
            if (table.Columns[index].Name == column) return index;
        return -1;
    }

    private static void CheckNames(PgTable table, ColumnModel?[] columns)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] is not { } column || places.TryAdd(column.Field.Name, i)) continue;
            throw new ConfigurationException($"Columns '{table.Columns[places[column.Field.Name]].Name}' and '{table.Columns[i].Name}' of {table.FullName} both become the field {column.Field.Name} "
                + "under field.name.adjustment.mode. Rename one, leave one out (column.exclude.list), or use the mode avro_unicode.");
        }
    }
}

/// <summary>A column that is carried.</summary>
/// <param name="Index">Its index in tuples.</param>
/// <param name="Field">Its name and schema.</param>
/// <param name="Form">How its values are written.</param>
/// <param name="Default">Its default as Postgres would print the value; null for none.</param>
internal sealed record ColumnModel(int Index, ConnectField Field, ColumnForm Form, byte[]? Default);
