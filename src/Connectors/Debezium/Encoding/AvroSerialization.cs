using System.Buffers.Binary;

namespace Pathway.Connectors.Debezium;

/// <summary>Avro as Confluent's AvroConverter writes it.</summary>
internal sealed class AvroSerialization(ISchemaRegistry registry) : Serialization(Wire.Avro, hasSchemas: true)
{
    /// <inheritdoc/>
    public override Frame FrameOf(string topic, bool isKey, ConnectSchema schema)
    {
        var head = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), registry.IdOf(topic, isKey, schema.Name!, AvroSchemaText.Of(schema)));
        return new Frame(head, []);
    }
}
