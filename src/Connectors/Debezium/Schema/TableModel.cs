using System.Buffers;
using System.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>A version of a table in Connect's data model: forms and schemas of its columns, its key, its topic. What encoders of every wire format are compiled from.</summary>
internal sealed class TableModel
{
    private TableModel(PgTable table, string topic, IReadOnlyList<ColumnModel?> columns, IReadOnlyList<int> key) => (Table, Topic, Columns, Key) = (table, topic, columns, key);

    /// <summary>The table.</summary>
    public PgTable Table { get; }

    /// <summary>The topic that its events go to; schema names begin with it.</summary>
    public string Topic { get; }

    /// <summary>The columns in the order of tuples; null for one that is left out.</summary>
    public IReadOnlyList<ColumnModel?> Columns { get; }

    /// <summary>Indexes of the key's columns, in its order; empty without key.</summary>
    public IReadOnlyList<int> Key { get; }

    /// <summary>The model of <paramref name="table"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="options">How events are written.</param>
    /// <param name="labels">The labels of enums.</param>
    /// <param name="loaded">Whether it is for loaded rows.</param>
    public static TableModel Of(PgTable table, DebeziumOptions options, EnumLabels labels, bool loaded)
    {
        var factory = new FormFactory(options, labels, loaded);
        var columns = table.Columns.Select(column => IsCarried(column, options, loaded) && factory.Create(table, column) is { } form ? Column(column, form, options) : null).ToArray();
        return new TableModel(table, TopicNames.Of(table, options), columns, KeyOf(table, columns, options));
    }

    /// <summary>The schema of the key.</summary>
    public ConnectSchema KeySchema => ConnectSchema.Named(ConnectType.Struct, Topic + ".Key") with { Version = null, Fields = [.. Key.Select(index => Columns[index]!.Field)] };

    /// <summary>The schema of a row.</summary>
    public ConnectSchema RowSchema => ConnectSchema.Named(ConnectType.Struct, Topic + ".Value") with
    {
        Version = null, IsOptional = true, Fields = [.. Columns.Where(column => column is not null).Select(column => column!.Field)],
    };

    /// <summary>Debezium reads generated columns in its snapshot but not in the stream; ours are the same rows in both.</summary>
    private static bool IsCarried(PgColumn column, DebeziumOptions options, bool loaded) => !(column.IsGenerated && loaded && options.Compatibility == Compatibility.Right);

    private static ColumnModel Column(PgColumn column, ColumnForm form, DebeziumOptions options)
    {
        var text = ColumnDefault.Read(column, form, options.Compatibility);
        var defaultJson = text is null ? null : Json((ref output) => form.Write(text, ref output));
        var schema = form.Schema with { IsOptional = !column.IsNotNull, DefaultJson = defaultJson };
        return new ColumnModel(new ConnectField(column.Name, schema), form)
        {
            // JsonConverter puts the default where a value is null, and Debezium leaves it on.
            Null = defaultJson is not null && options.Compatibility == Compatibility.Exact ? defaultJson : "null"u8.ToArray(),
            Absent = !column.IsNotNull && (defaultJson is null || options.Compatibility == Compatibility.Right)
                ? "null"u8.ToArray()
                : defaultJson ?? Json((ref output) => form.WriteZero(ref output)),
            Unavailable = Json((ref output) => form.WriteUnavailable(Encoding.UTF8.GetBytes(options.UnavailableValuePlaceholder), ref output)),
        };
    }

    /// <summary>Where the key's columns stand; only those that are carried count.</summary>
    private static int[] KeyOf(PgTable table, ColumnModel?[] columns, DebeziumOptions options) =>
        [.. new MessageKeys(options.MessageKeyColumns).Of(table).Select(name => IndexOf(table, name)).Where(index => index >= 0 && columns[index] is not null)];

    private static int IndexOf(PgTable table, string column)
    {
        for (var index = 0; index < table.Columns.Count; index++)
            if (table.Columns[index].Name == column) return index;
        return -1;
    }

    private static byte[] Json(WriteJson write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var output = new JsonOutput(buffer);
        write(ref output);
        output.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private delegate void WriteJson(ref JsonOutput output);
}

/// <summary>A column that is carried.</summary>
/// <param name="Field">Its name and schema.</param>
/// <param name="Form">How its values are written.</param>
internal sealed record ColumnModel(ConnectField Field, ColumnForm Form)
{
    /// <summary>What NULL is written as.</summary>
    public required byte[] Null { get; init; }

    /// <summary>What is written for a column that isn't part of a key that Postgres sent in place of the old row.</summary>
    public required byte[] Absent { get; init; }

    /// <summary>What is written for a large value that an update didn't touch.</summary>
    public required byte[] Unavailable { get; init; }
}
