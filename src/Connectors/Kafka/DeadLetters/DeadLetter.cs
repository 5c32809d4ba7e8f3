namespace Pathway.Connectors.Kafka;

/// <summary>A record that could not be read as a row: why, where it stood, and all of it.</summary>
public sealed class DeadLetter
{
    /// <summary>Header that says why: a sentence.</summary>
    public const string ReasonHeader = "pathway.dead-letter.reason";

    /// <summary>Header with the topic that the record stood in.</summary>
    public const string TopicHeader = "pathway.dead-letter.topic";

    /// <summary>Header with its partition.</summary>
    public const string PartitionHeader = "pathway.dead-letter.partition";

    /// <summary>Header with its offset.</summary>
    public const string OffsetHeader = "pathway.dead-letter.offset";

    /// <summary>Why it could not be read.</summary>
    public required string Reason { get; init; }

    /// <summary>The topic that it stood in.</summary>
    public required string Topic { get; init; }

    /// <summary>Its partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Its offset.</summary>
    public required long Offset { get; init; }

    /// <summary>Its key; null for none.</summary>
    public required ReadOnlyMemory<byte>? Key { get; init; }

    /// <summary>Its value; null for none.</summary>
    public required ReadOnlyMemory<byte>? Value { get; init; }

    /// <summary>Its headers.</summary>
    public required IReadOnlyList<KeyValuePair<string, byte[]?>> Headers { get; init; }

    /// <summary>Reason and place.</summary>
    public override string ToString() => $"{Topic}, partition {Partition}, offset {Offset}: {Reason}";
}
