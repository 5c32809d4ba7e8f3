namespace Pathway.Connectors.Debezium;

/// <summary>What stands around keys and values: nothing, their schema in JSON, or the number of their schema in a registry.</summary>
internal abstract class Serialization(Wire wire, bool hasSchemas)
{
    /// <summary>The bytes of values.</summary>
    public Wire Wire => wire;

    /// <summary>Whether records come with schemas, which values must keep to.</summary>
    public bool HasSchemas => hasSchemas;

    /// <summary>What stands before and behind the keys or values of a topic.</summary>
    public abstract Frame FrameOf(string topic, bool isKey, ConnectSchema schema);
}

/// <summary>What stands around a key or a value.</summary>
/// <param name="Head">Before it.</param>
/// <param name="Tail">Behind it.</param>
internal readonly record struct Frame(byte[] Head, byte[] Tail);

/// <summary>The frame of a schema, made (and its schema registered) when the first record needs it.</summary>
internal sealed class RecordFrame(Serialization serialization, string topic, bool isKey, ConnectSchema schema)
{
    private Frame? _frame;

    /// <summary>Before the key or value.</summary>
    public byte[] Head => (_frame ??= serialization.FrameOf(topic, isKey, schema)).Head;

    /// <summary>Behind it.</summary>
    public byte[] Tail => (_frame ??= serialization.FrameOf(topic, isKey, schema)).Tail;
}

/// <summary>JSON as Kafka Connect's JsonConverter writes it.</summary>
internal sealed class JsonSerialization(bool schemas) : Serialization(Wire.Json, schemas)
{
    /// <inheritdoc/>
    public override Frame FrameOf(string topic, bool isKey, ConnectSchema schema)
    {
        if (!HasSchemas) return new Frame([], []);
        var head = Section.Compile(Wire.Json, (ref output) =>
        {
            output.Raw("{\"schema\":"u8);
            JsonSchemaText.Write(schema, ref output);
            output.Raw(",\"payload\":"u8);
        });
        return new Frame(head, "}"u8.ToArray());
    }
}
