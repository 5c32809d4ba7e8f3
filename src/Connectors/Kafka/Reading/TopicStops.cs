using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>The stops (<see cref="SourceContext.Stops"/>) at which all partitions meet, one after the other.</summary>
internal sealed class TopicStops(IReadOnlyList<Position> stops, IReadOnlyList<TopicCursor> topics)
{
    private int _next;

    /// <summary>Whether there is one ahead.</summary>
    public bool IsOver => _next == stops.Count;

    /// <summary>The next one.</summary>
    public Position Next => stops[_next];

    /// <summary>Whether all partitions are at the next one.</summary>
    public bool AreReached => !IsOver && topics.All(t => t.Partitions.All(p => p.IsAtStop));

    /// <summary>Begins with the first.</summary>
    public void Begin()
    {
        if (!IsOver) Set(KafkaPosition.Parse(Next));
    }

    /// <summary>Goes on to the next.</summary>
    public void Pass()
    {
        _next++;
        if (!IsOver) Set(KafkaPosition.Parse(Next));
        else
            foreach (var partition in topics.SelectMany(t => t.Partitions)) partition.Stop = null;
    }

    // A partition that wasn't there then waits where it is.
    private void Set(KafkaPosition position)
    {
        foreach (var topic in topics)
        {
            var next = position.Topics.GetValueOrDefault(topic.Name)?.Next ?? [];
            foreach (var partition in topic.Partitions) partition.Stop = partition.Number < next.Count ? next[partition.Number] : partition.Next;
        }
    }
}
