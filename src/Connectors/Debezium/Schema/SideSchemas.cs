namespace Pathway.Connectors.Debezium;

/// <summary>Schemas of records that aren't about rows: begins and ends of transactions, logical messages, heartbeats.</summary>
internal static class SideSchemas
{
    private const string Common = "io.debezium.connector.common.", Postgres = "io.debezium.connector.postgresql.";

    private static readonly ConnectSchema Int64 = new(ConnectType.Int64), Text = new(ConnectType.String), OptionalInt64 = Int64 with { IsOptional = true }, OptionalText = Text with { IsOptional = true };

    public static ConnectSchema TransactionKey { get; } = Struct(Common + "TransactionMetadataKey", new ConnectField("id", Text));

    /// <summary>How many events of a transaction were of one table.</summary>
    public static ConnectSchema Collection { get; } = Struct("event.collection", new ConnectField("data_collection", Text), new ConnectField("event_count", Int64)) with { IsOptional = true };

    public static ConnectSchema TransactionValue { get; } = Struct(
        Common + "TransactionMetadataValue",
        new ConnectField("status", Text),
        new ConnectField("id", Text),
        new ConnectField("event_count", OptionalInt64),
        new ConnectField("data_collections", new ConnectSchema(ConnectType.Array) { IsOptional = true, Items = Collection }),
        new ConnectField("ts_ms", Int64));

    public static ConnectSchema HeartbeatKey { get; } = Struct(Common + "ServerNameKey", new ConnectField("serverName", Text));

    public static ConnectSchema HeartbeatValue { get; } = Struct(Common + "Heartbeat", new ConnectField("ts_ms", Int64));

    public static ConnectSchema MessageKey { get; } = Struct(Postgres + "MessageKey", new ConnectField("prefix", OptionalText));

    public static ConnectSchema Message { get; } = Struct(
        Postgres + "Message", new ConnectField("prefix", OptionalText), new ConnectField("content", new ConnectSchema(ConnectType.Bytes) { IsOptional = true }));

    public static ConnectSchema MessageValue { get; } = Struct(
        Postgres + "MessageValue",
        new ConnectField("op", Text),
        new ConnectField("ts_ms", OptionalInt64),
        new ConnectField("source", EnvelopeSchema.Source),
        new ConnectField("transaction", EnvelopeSchema.Transaction),
        new ConnectField("message", Message));

    private static ConnectSchema Struct(string name, params ConnectField[] fields) => ConnectSchema.Named(ConnectType.Struct, name) with { Fields = fields };
}
