using Confluent.Kafka;

namespace Pathway.Connectors.Kafka;

/// <summary>Brings records of assigned partitions.</summary>
/// <remarks>Used by one thread. It holds a bounded amount of records that weren't fetched; while nobody fetches, no more are asked of the brokers: that is the back-pressure.</remarks>
internal interface IRecordFeed : IDisposable
{
    /// <summary>Reads these partitions from now on, and no others, each from its <see cref="PartitionCursor.Next"/>.</summary>
    void Assign(IReadOnlyList<PartitionCursor> partitions);

    /// <summary>Waits at most <paramref name="wait"/> for a first record; then hands on what is there, at most <paramref name="max"/> records.</summary>
    void Fetch(int max, TimeSpan wait, IRecordTaker taker);
}

/// <summary>Takes what a feed brings.</summary>
internal interface IRecordTaker
{
    /// <summary>The next record of a partition.</summary>
    void Take(PartitionCursor partition, in SourceRecord record);

    /// <summary>Nothing that can be read lies before <paramref name="offset"/> any more.</summary>
    void ReachedEnd(PartitionCursor partition, long offset);

    /// <summary>A partition can't be read.</summary>
    void Failed(PartitionCursor partition, Error error);
}
