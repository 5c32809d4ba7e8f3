namespace Pathway.Connectors.Kafka;

/// <summary>A topic that is read, and how far.</summary>
/// <param name="name">The topic.</param>
/// <param name="id">Its identity in the cluster.</param>
/// <param name="inputs">The sources that read it: the index into those that the reader was opened with, and the source.</param>
internal sealed class TopicCursor(string name, string id, IReadOnlyList<(int Input, IKafkaSource Source)> inputs)
{
    private readonly List<PartitionCursor> _partitions = [];

    public string Name => name;

    public string Id => id;

    public (int Input, IKafkaSource Source)[] Inputs { get; } = [.. inputs];

    /// <summary>Its partitions, in order.</summary>
    public IReadOnlyList<PartitionCursor> Partitions => _partitions;

    /// <summary>Adds the next partition.</summary>
    public void Add(long next) => _partitions.Add(new PartitionCursor(this, _partitions.Count, next));
}

/// <summary>How far one partition is read.</summary>
internal sealed class PartitionCursor(TopicCursor topic, int number, long next)
{
    public TopicCursor Topic => topic;

    public int Number => number;

    /// <summary>The next offset to read.</summary>
    public long Next { get; set; } = next;

    /// <summary>Where reading ends; null for never.</summary>
    public long? End { get; set; }

    /// <summary>Where reading waits for all other partitions; null for nowhere.</summary>
    public long? Stop { get; set; }

    /// <summary>Whether reading waits at <see cref="Stop"/>.</summary>
    public bool IsAtStop => Next >= Stop;

    /// <summary>Whether everything that is to be read was read.</summary>
    public bool IsDone => Next >= End;

    public override string ToString() => $"{topic.Name}, partition {number}";
}
