namespace Pathway.Connectors.Kafka;

/// <summary>A record that could not be read as a row, or not be written since its topic doesn't take it: why, where it stood, and all of it.</summary>
public sealed class DeadLetter
{
    /// <summary>Header that says why: a sentence.</summary>
    public const string ReasonHeader = "pathway.dead-letter.reason";

    /// <summary>Header with the topic that the record stood in.</summary>
    public const string TopicHeader = "pathway.dead-letter.topic";

    /// <summary>Header with the place in a pipeline's output of a record that couldn't be written.</summary>
    public const string PlaceHeader = "pathway.dead-letter.place";

    /// <summary>Header of a record that was too large, and stands in several: "2/3".</summary>
    public const string PartHeader = "pathway.dead-letter.part";

    /// <summary>Header of a record that couldn't be written and had no key.</summary>
    public const string NoKeyHeader = "pathway.dead-letter.no-key";

    /// <summary>Header with its partition.</summary>
    public const string PartitionHeader = "pathway.dead-letter.partition";

    /// <summary>Header with its offset.</summary>
    public const string OffsetHeader = "pathway.dead-letter.offset";

    /// <summary>Why it could not be read.</summary>
    public required string Reason { get; init; }

    /// <summary>The topic that it stood in, or was to be written to.</summary>
    public required string Topic { get; init; }

    /// <summary>Where it stands in a pipeline's output, for one that couldn't be written; null for one that couldn't be read.</summary>
    public string? Place { get; init; }

    /// <summary>Its partition; -1 for one that couldn't be written.</summary>
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
    public override string ToString() => Place is not null ? $"to {Topic}, {Place}: {Reason}" : $"{Topic}, partition {Partition}, offset {Offset}: {Reason}";
}
