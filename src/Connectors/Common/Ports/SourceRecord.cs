namespace Pathway.Connectors;

/// <summary>A record of a partitioned log, as a parser sees it. Its spans live until the parser returns.</summary>
public readonly ref struct SourceRecord
{
    private readonly IRecordDetails _details;

    /// <summary>A record.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="offset">Its place in the partition.</param>
    /// <param name="details">Gives what few parsers ask for.</param>
    public SourceRecord(string topic, int partition, long offset, IRecordDetails details) => (Topic, Partition, Offset, _details) = (topic, partition, offset, details);

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The partition, from 0.</summary>
    public int Partition { get; }

    /// <summary>The place in the partition.</summary>
    public long Offset { get; }

    /// <summary>Whether it has a key.</summary>
    public bool HasKey { get; init; }

    /// <summary>The key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Whether it has a value; a record without one (a tombstone) takes back what stood under its key.</summary>
    public bool HasValue { get; init; }

    /// <summary>The value; empty where there is none.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>The record's time: that of its making or of its being appended, as the topic is set; null where it has none.</summary>
    public DateTimeOffset? Time => _details.Time;

    /// <summary>The headers, in their order; copied at each call.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]?>> Headers => _details.ReadHeaders();

    /// <summary>Place for people: "orders, partition 3, offset 17".</summary>
    public override string ToString() => $"{Topic}, partition {Partition}, offset {Offset}";
}

/// <summary>Gives what few parsers ask for of the record at hand.</summary>
public interface IRecordDetails
{
    /// <summary>The record's time.</summary>
    DateTimeOffset? Time { get; }

    /// <summary>The headers, copied.</summary>
    IReadOnlyList<KeyValuePair<string, byte[]?>> ReadHeaders();
}
