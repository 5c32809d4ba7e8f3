namespace Pathway.Connectors.Debezium;

/// <summary>The schema of an event: old row, new row, where it comes from, what happened, when it was written. Debezium 2.7 and later.</summary>
internal static class EnvelopeSchema
{
    private static readonly ConnectSchema Int64 = new(ConnectType.Int64), Text = new(ConnectType.String);

    private static readonly ConnectSchema OptionalInt64 = Int64 with { IsOptional = true }, OptionalText = Text with { IsOptional = true };

    /// <summary>Where an event comes from.</summary>
    public static ConnectSchema Source { get; } = ConnectSchema.Named(ConnectType.Struct, "io.debezium.connector.postgresql.Source") with
    {
        Fields =
        [
            new("version", Text),
            new("connector", Text),
            new("name", Text),
            new("ts_ms", Int64),
            new("snapshot", ConnectSchema.Named(ConnectType.String, "io.debezium.data.Enum") with
            {
                IsOptional = true,
                Parameters = [new("allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental")],
                DefaultJson = "\"false\""u8.ToArray(),
            }),
            new("db", Text),
            new("sequence", OptionalText),
            new("ts_us", OptionalInt64),
            new("ts_ns", OptionalInt64),
            new("schema", Text),
            new("table", Text),
            new("txId", OptionalInt64),
            new("lsn", OptionalInt64),
            new("xmin", OptionalInt64),
            new("origin", OptionalText),
            new("origin_lsn", OptionalInt64),
        ],
    };

    /// <summary>Which place an event has in its transaction.</summary>
    public static ConnectSchema Transaction { get; } = ConnectSchema.Named(ConnectType.Struct, "event.block") with
    {
        IsOptional = true,
        Fields = [new("id", Text), new("total_order", Int64), new("data_collection_order", Int64)],
    };

    /// <summary>The last fields of an envelope: when it was written.</summary>
    public static IReadOnlyList<ConnectField> Times { get; } = [new("ts_ms", OptionalInt64), new("ts_us", OptionalInt64), new("ts_ns", OptionalInt64)];

    /// <summary>The schema of the events of a table with these rows.</summary>
    public static ConnectSchema Of(string name, ConnectSchema row) => ConnectSchema.Named(ConnectType.Struct, name, version: 2) with
    {
        Fields = [new("before", row), new("after", row), new("source", Source), new("transaction", Transaction), new("op", Text), .. Times],
    };
}
