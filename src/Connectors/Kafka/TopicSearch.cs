using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Pathway.Connectors.Kafka;

/// <summary>Asks the cluster which topics there are.</summary>
internal static class TopicSearch
{
    /// <summary>What the cluster says of each of <paramref name="topics"/>; one with an error doesn't exist, or we may not see it.</summary>
    public static async Task<IReadOnlyList<TopicDescription>> FindAsync(IAdminClient admin, IReadOnlyCollection<string> topics, TimeSpan requestTimeout, CancellationToken cancellationToken)
    {
        List<TopicDescription> found;
        try
        {
            var result = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = requestTimeout }).WaitAsync(cancellationToken).ConfigureAwait(false);
            found = result.TopicDescriptions;
        }
        catch (DescribeTopicsException e)
        {
            found = e.Results.TopicDescriptions;
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, "Looking for Kafka topics", e);
        }

        var other = found.FirstOrDefault(t => t.Error.IsError && t.Error.Code != ErrorCode.UnknownTopicOrPart);
        return other is null ? found : throw KafkaErrors.ToFailure(other.Error, $"Looking for the Kafka topic {other.Name}");
    }
}
