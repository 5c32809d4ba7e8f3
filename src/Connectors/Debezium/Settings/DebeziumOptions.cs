namespace Pathway.Connectors.Debezium;

/// <summary>How change events are written in the form of Debezium's Postgres connector. Names of Debezium's settings stand in brackets; <see cref="DebeziumSettings"/> reads them.</summary>
public sealed record DebeziumOptions
{
    /// <summary>The placeholder that Debezium has if nothing else is said.</summary>
    internal const string UnavailableValue = "__debezium_unavailable_value";

    /// <summary>First part of topic names, and <c>source.name</c> in events (<c>topic.prefix</c>).</summary>
    public required string TopicPrefix { get; init; }

    /// <summary>The database's name, <c>source.db</c> in events (<c>database.dbname</c>).</summary>
    public required string Database { get; init; }

    /// <summary>Whether each JSON record carries its schema, <c>{"schema": …, "payload": …}</c> (<c>schemas.enable</c> of JsonConverter). Default: only the payload.</summary>
    public bool Schemas { get; init; }

    /// <summary>What happens where Debezium loses or garbles data. Default: <see cref="Compatibility.Right"/>.</summary>
    public Compatibility Compatibility { get; init; } = Compatibility.Right;

    /// <summary>The version of Debezium whose form this is, <c>source.version</c> in events. Default: 3.6.1.Final.</summary>
    public string Version { get; init; } = "3.6.1.Final";

    /// <summary>What stands between the parts of a topic's name (<c>topic.delimiter</c>). Default: a dot.</summary>
    public string TopicDelimiter { get; init; } = ".";

    /// <summary>Last part of the topic for begins and ends of transactions (<c>topic.transaction</c>). Default: transaction.</summary>
    public string TransactionTopic { get; init; } = "transaction";

    /// <summary>First part of the topic for heartbeats (<c>topic.heartbeat.prefix</c>). Default: __debezium-heartbeat.</summary>
    public string HeartbeatTopicPrefix { get; init; } = "__debezium-heartbeat";

    /// <summary>How names of schemas are made legal for Avro (<c>schema.name.adjustment.mode</c>). Default: not at all.</summary>
    public NameAdjustment SchemaNames { get; init; }

    /// <summary>How names of fields are made legal for Avro (<c>field.name.adjustment.mode</c>). Default: not at all.</summary>
    public NameAdjustment FieldNames { get; init; }

    /// <summary>Whether a delete is followed by a record without value, which lets Kafka forget the key (<c>tombstones.on.delete</c>). Default: yes.</summary>
    public bool TombstonesOnDelete { get; init; } = true;

    /// <summary>Which records are left out: letters of c (insert), u (update), d (delete), t (truncate) (<c>skipped.operations</c>). A change of the key is a d and a c. Default: t.</summary>
    public string SkippedOperations { get; init; } = "t";

    /// <summary>Whether updates are left out that change none of the columns that are carried, where the old row is whole (<c>skip.messages.without.change</c>). Default: no.</summary>
    public bool SkipsMessagesWithoutChange { get; init; }

    /// <summary>Whether events carry their place in the transaction, and begins and ends of transactions are written (<c>provide.transaction.metadata</c>). Default: no.</summary>
    public bool TransactionMetadata { get; init; }

    /// <summary>Whether records carry headers that say which connector wrote them (<c>extended.headers.enabled</c>). Default: yes.</summary>
    public bool ContextHeaders { get; init; } = true;

    /// <summary>How values of headers are written (<c>header.converter</c>). Default: as text.</summary>
    public HeaderForm Headers { get; init; }

    /// <summary>What stands for a large value that an update didn't touch, so that Postgres didn't send it; bytes in hexadecimal after <c>hex:</c> (<c>unavailable.value.placeholder</c>).</summary>
    public string UnavailableValuePlaceholder { get; init; } = UnavailableValue;

    /// <summary>Other keys than the primary ones: <c>regex:column,column;regex:…</c>, the expression for <c>schema.table</c> (<c>message.key.columns</c>). Default: none.</summary>
    public string? MessageKeyColumns { get; init; }

    /// <summary>How types are carried for which there is a choice.</summary>
    public TypeHandling Types { get; init; } = TypeHandling.Default;

    /// <summary>Which tables, columns and messages are carried, and which columns are changed on the way.</summary>
    public ColumnRules Columns { get; init; } = ColumnRules.None;

    /// <summary>Plain rows in place of envelopes (the transformation ExtractNewRecordState); null for envelopes. Default: envelopes.</summary>
    public UnwrapOptions? Unwrap { get; init; }

    /// <summary>Called for each value that the form can't carry and that was written as something else; null to only count them.</summary>
    /// <remarks>Called on the worker's thread, in the middle of a record; must be quick and must not throw.</remarks>
    public Action<LostValue>? Lost { get; init; }
}

/// <summary>What happens where Debezium loses or garbles data; docs/DEBEZIUM.md has the list.</summary>
public enum Compatibility
{
    /// <summary>The value is kept as well as the form allows.</summary>
    Right,

    /// <summary>Debezium's bytes, also where they are wrong.</summary>
    Exact,
}

/// <summary>How names are made legal for Avro.</summary>
public enum NameAdjustment
{
    /// <summary>They stay as they are.</summary>
    None,

    /// <summary>An underscore in place of each other character (<c>avro</c>).</summary>
    Avro,

    /// <summary>_uXXXX in place of each other character, and of the underscore (<c>avro_unicode</c>).</summary>
    AvroUnicode,
}

/// <summary>How values of headers are written.</summary>
public enum HeaderForm
{
    /// <summary>Text; structs as JSON (Connect's SimpleHeaderConverter).</summary>
    Simple,

    /// <summary>JSON with schema (Connect's JsonConverter).</summary>
    Json,
}

/// <summary>A value that the Debezium form can't carry.</summary>
/// <param name="Table">"schema.name".</param>
/// <param name="Column">The column.</param>
/// <param name="Value">The value as Postgres prints it.</param>
/// <param name="Written">What was written instead, as JSON.</param>
public readonly record struct LostValue(string Table, string Column, string Value, string Written);

/// <summary>A column that is left out of schemas and rows, since the Debezium form has nothing for its type.</summary>
/// <param name="Column">The column.</param>
/// <param name="Type">Its type's name.</param>
public readonly record struct OmittedColumn(string Column, string Type);
