namespace Pathway.Connectors.Debezium;

/// <summary>Writes Debezium's records as Avro in the form of Confluent: a zero byte, the number of the schema in a registry, the binary form.</summary>
/// <remarks>Schemas are registered when the first record needs them, before its bytes can become durable. Waits while the registry can't be reached or refuses a schema, as its options say.</remarks>
/// <param name="options">How events are written.</param>
/// <param name="registry">Where schemas are registered.</param>
/// <param name="time">The clock for <c>ts_ms</c>, read once for a batch.</param>
public sealed class DebeziumAvroFormatter(DebeziumOptions options, ISchemaRegistry registry, TimeProvider time) : DebeziumFormatter(options, time, new AvroSerialization(registry));
