using System.Globalization;
using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Where the reading of some topics stands.</summary>
/// <param name="Topics">By topic.</param>
internal sealed record KafkaPosition(IReadOnlyDictionary<string, TopicPosition> Topics)
{
    /// <summary>Before anything was read.</summary>
    public static KafkaPosition Empty { get; } = new(new Dictionary<string, TopicPosition>());

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="RefusalException">The text is no position in topics.</exception>
    public static KafkaPosition Parse(Position position)
    {
        try
        {
            if (JsonSerializer.Deserialize<Dictionary<string, TopicPosition>>(position.Text, JsonSerializerOptions.Web) is { } topics && topics.Values.All(t => t is { Id: not null, Next: not null }))
                return new KafkaPosition(topics);
        }
        catch (JsonException)
        {
            // said below
        }

        throw new RefusalException("a position that no Kafka source wrote", position.Text, "{\"topic\":{\"id\":…,\"next\":[…]}}", "Use the state directory with the pipeline that made it.");
    }

    /// <summary>The position of some topics as text, which is a JSON object; written at each slice, so by hand.</summary>
    public static Position Write(IReadOnlyList<TopicCursor> topics)
    {
        var text = new StringBuilder("{");
        foreach (var topic in topics)
        {
            if (text.Length > 1) text.Append(',');
            text.Append('"').Append(topic.Name).Append("\":{\"id\":\"").Append(topic.Id).Append("\",\"next\":[");
            for (var partition = 0; partition < topic.Partitions.Count; partition++)
            {
                if (partition > 0) text.Append(',');
                text.Append(CultureInfo.InvariantCulture, $"{topic.Partitions[partition].Next}");
            }

            text.Append("]}");
        }

        return new Position(text.Append('}').ToString());
    }
}

/// <summary>Where the reading of one topic stands.</summary>
/// <param name="Id">The topic's identity in the cluster: a topic that was deleted and made anew has another one.</param>
/// <param name="Next">The next offset to read, by partition.</param>
internal sealed record TopicPosition(string Id, IReadOnlyList<long> Next);
