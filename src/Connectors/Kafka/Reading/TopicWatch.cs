using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Looks from time to time, beside the reading, whether topics got partitions, and whether they are still the ones that are read.</summary>
internal sealed class TopicWatch(KafkaSourceOptions options, TopicCatalog catalog, ReaderStart start, IReadOnlyList<TopicCursor> topics, SourceContext context)
{
    /// <summary>A broker that has just started may not know all topics yet: only what is missing so many times in a row is gone.</summary>
    private const int MissingTimes = 3;

    private readonly string[] _names = [.. topics.Select(t => t.Name)];
    private long _looked = context.Time.GetTimestamp();
    private int _missing;
    private Task<IReadOnlyDictionary<string, FoundTopic?>>? _looking;

    /// <summary>Starts or ends a look when it is time; gives whether there are new partitions. Never waits for long.</summary>
    /// <exception cref="RefusalException">A topic was deleted, or made anew.</exception>
    public bool Look(CancellationToken stop)
    {
        if (_looking is { IsCompleted: true } done)
        {
            (_looking, _looked) = (null, context.Time.GetTimestamp());
            return TakeIn(done, stop);
        }

        if (_looking is null && context.Time.GetElapsedTime(_looked) >= options.LookEvery) _looking = catalog.FindAsync(_names, stop);
        return false;
    }

    private bool TakeIn(Task<IReadOnlyDictionary<string, FoundTopic?>> done, CancellationToken stop)
    {
        if (!done.IsCompletedSuccessfully)
        {
            if (done.Exception?.InnerException is ConnectorException { IsTransient: true } fault) context.Logger.LookFailed(fault.Message);
            else done.GetAwaiter().GetResult();
            return false;
        }

        var found = done.Result;
        if (found.Any(t => t.Value is null) && ++_missing < MissingTimes) return false;
        var added = false;
        foreach (var topic in topics)
        {
            if (found[topic.Name] is not { } now)
                throw new RefusalException($"the Kafka topic {topic.Name} was deleted while it was read", "no such topic, or no right to see it", $"topic id {topic.Id}", "Begin anew with an empty state directory once there is a topic again.");
            ReaderStart.RefuseUnlessSame(topic.Name, topic.Id, now);
            if (!start.AddPartitionsAsync(topic, now, isFirst: false, stop).GetAwaiter().GetResult()) continue;
            context.Logger.PartitionsAdded(topic.Name, topic.Partitions.Count);
            added = true;
        }

        _missing = 0;
        return added;
    }
}
