namespace Pathway.Connectors.Debezium;

/// <summary>The bytes that records are written as.</summary>
internal enum Wire : byte
{
    /// <summary>JSON as Kafka Connect's JsonConverter writes it.</summary>
    Json,

    /// <summary>Avro's binary form.</summary>
    Avro,

    /// <summary>The plain form of headers in Kafka Connect: as JSON, but decimals as numbers, and texts with a backslash only before quotes and backslashes.</summary>
    Header,
}
