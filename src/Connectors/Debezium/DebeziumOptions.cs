namespace Pathway.Connectors.Debezium;

/// <summary>How change events are written in the form of Debezium's Postgres connector.</summary>
public sealed record DebeziumOptions
{
    /// <summary>First part of topic names, and <c>source.name</c> in events (Debezium: <c>topic.prefix</c>).</summary>
    public required string TopicPrefix { get; init; }

    /// <summary>The database's name, <c>source.db</c> in events.</summary>
    public required string Database { get; init; }

    /// <summary>Whether each record carries its schema (<c>{"schema": …, "payload": …}</c>). Default: only the payload.</summary>
    public bool Schemas { get; init; }

    /// <summary>What happens where Debezium loses or garbles data. Default: <see cref="Compatibility.Right"/>.</summary>
    public Compatibility Compatibility { get; init; } = Compatibility.Right;

    /// <summary>Whether a delete is followed by a record without value, which lets Kafka forget the key. Default: yes.</summary>
    public bool TombstonesOnDelete { get; init; } = true;

    /// <summary>The version of Debezium whose form this is, <c>source.version</c> in events. Default: 3.6.1.Final.</summary>
    public string Version { get; init; } = "3.6.1.Final";

    /// <summary>What stands for a large value that an update didn't touch, so that Postgres didn't send it (Debezium: <c>unavailable.value.placeholder</c>).</summary>
    public string UnavailableValuePlaceholder { get; init; } = "__debezium_unavailable_value";

    /// <summary>Other keys than the primary ones: <c>regex:column,column;regex:…</c>, the expression for <c>schema.table</c> (Debezium: <c>message.key.columns</c>). Default: none.</summary>
    public string? MessageKeyColumns { get; init; }

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
