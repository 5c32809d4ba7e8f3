using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Reads the topics of one cluster that a pipeline asks for: partitions are assigned, positions are the pipeline's, committed transactions only.</summary>
internal sealed class KafkaReader(KafkaSourceOptions options, IReadOnlyList<IKafkaSource> sources) : ISourceReader
{
    private const int SliceRecords = 8000, SliceBytes = 4 << 20, LeastRecords = 16, RecordBytesAtFirst = 256;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    /// <summary>So long a position that moved without records waits to be handed on: what lies behind it may be deleted, but seldom soon.</summary>
    private static readonly TimeSpan MovedAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WarningAfter = TimeSpan.FromSeconds(10);

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        using var catalog = new TopicCatalog(options, context.PipelineName, context.Logger, context.Time);
        // What was deleted since then can't be replayed, whatever is said of lost records.
        var start = new ReaderStart(context.Stops.Count > 0 ? options with { OnLostRecords = LostRecords.Refuse } : options, catalog, context.Logger);
        var isFromBeginning = context is { Resume: null, Stops.Count: > 0 };
        var topics = isFromBeginning ? await BeginAgainAsync(context.Stops[^1], start, stop).ConfigureAwait(false) : await BeginAsync(context, start, stop).ConfigureAwait(false);
        var stops = new TopicStops(context.Stops, topics);
        stops.Begin();
        if (!stops.IsOver) await start.RequireKeptAsync(topics, isFromBeginning, stop).ConfigureAwait(false);
        using var feed = Open(context);
        var watch = options.Until == KafkaEnd.Never ? new TopicWatch(options, catalog, start, topics, context) : null;
        context.Streaming();
        // librdkafka is waited for by blocking, so on a thread of our own.
        await Task.Factory.StartNew(() => Read(feed, topics, stops, start, watch, context, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    public void Acknowledge(Position position)
    {
        // Kafka keeps records by its own rules, whoever has read them.
    }

    public string Describe(Position position) => string.Join("; ", KafkaPosition.Parse(position).Topics.Select(t => $"{t.Key} at {string.Join(", ", t.Value.Next)}"));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<IReadOnlyList<TopicCursor>> BeginAsync(SourceContext context, ReaderStart start, CancellationToken stop)
    {
        var left = context.Resume is { } resume ? KafkaPosition.Parse(resume) : KafkaPosition.Empty;
        var inputs = sources.SelectMany((source, input) => source.Topics.Select(topic => (Topic: topic, Input: input, Source: source))).ToLookup(s => s.Topic, s => (s.Input, s.Source));
        var found = await start.FindAsync([.. inputs.Select(i => i.Key)], stop).ConfigureAwait(false);
        var (topics, isNew) = (new List<TopicCursor>(), false);
        foreach (var topic in inputs.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var cursor = new TopicCursor(topic.Key, found[topic.Key].Id, [.. topic]);
            isNew |= await start.BeginAsync(cursor, left.Topics.GetValueOrDefault(topic.Key), found[topic.Key], stop).ConfigureAwait(false);
            if (options.Until == KafkaEnd.AtPresentEnd) await start.SetEndsAsync(cursor, stop).ConfigureAwait(false);
            topics.Add(cursor);
        }

        // Where reading begins has to be the same after a crash, and which topic it is as well.
        if (isNew) await context.Input.CommitAsync(KafkaPosition.Write(topics), stop).ConfigureAwait(false);
        return topics;
    }

    /// <summary>From the beginning of each partition that stood somewhere.</summary>
    private async Task<IReadOnlyList<TopicCursor>> BeginAgainAsync(Position last, ReaderStart start, CancellationToken stop)
    {
        var left = KafkaPosition.Parse(last);
        var inputs = sources.SelectMany((source, input) => source.Topics.Select(topic => (Topic: topic, Input: input, Source: source))).Where(s => left.Topics.ContainsKey(s.Topic)).ToLookup(s => s.Topic, s => (s.Input, s.Source));
        var found = await start.FindAsync([.. inputs.Select(i => i.Key)], stop).ConfigureAwait(false);
        var topics = new List<TopicCursor>();
        foreach (var topic in inputs.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            ReaderStart.RefuseUnlessSame(topic.Key, left.Topics[topic.Key].Id, found[topic.Key]);
            topics.Add(new TopicCursor(topic.Key, found[topic.Key].Id, [.. topic]));
            foreach (var _ in left.Topics[topic.Key].Next) topics[^1].Add(0);
            if (options.Until == KafkaEnd.AtPresentEnd) await start.SetEndsAsync(topics[^1], stop).ConfigureAwait(false);
        }

        return topics;
    }

    private IRecordFeed Open(SourceContext context)
    {
        var consumer = ClientSettings.Build(
            () => new ConsumerBuilder<byte[]?, byte[]?>(SourceSettings.Consumer(options, context.PipelineName)).SetLogHandler((_, message) => context.Logger.ClientLog(message.Facility, message.Message))
                .SetErrorHandler((_, error) => context.Logger.ClientError(error.Code.ToString(), error.Reason)).Build(),
            options.AsClient());
        if (!options.NativeBatches) return new ManagedFeed(consumer);
        if (NativeFeed.TryOpen(consumer) is { } native) return native;
        context.Logger.NoNativeClient();
        return new ManagedFeed(consumer);
    }

    private void Read(IRecordFeed feed, IReadOnlyList<TopicCursor> topics, TopicStops stops, ReaderStart start, TopicWatch? watch, SourceContext context, CancellationToken stop)
    {
        var taker = new SliceTaker(sources, topics, context.Logger);
        var (recordBytes, handedOn, warned) = ((double)RecordBytesAtFirst, context.Time.GetTimestamp(), options.Until == KafkaEnd.Never);
        Assign(feed, topics);
        while (!stop.IsCancellationRequested)
        {
            feed.Fetch((int)Math.Clamp(SliceBytes / recordBytes, LeastRecords, SliceRecords), Wait, taker);
            if (taker.Records > 0) recordBytes = (recordBytes + (1 + (taker.Bytes / (double)taker.Records))) / 2;
            if (stops.AreReached)
            {
                Complete(context.Input.WriteAsync(taker.TakeSlice(stops.Next), stop).AsTask());
                stops.Pass();
                Assign(feed, topics);
            }

            var isDone = topics.All(t => t.Partitions.All(p => p.IsDone));
            if (taker.Records > 0 || (taker.Moved && (isDone || context.Time.GetElapsedTime(handedOn) > MovedAfter)))
            {
                handedOn = context.Time.GetTimestamp();
                Complete(context.Input.WriteAsync(taker.TakeSlice(), stop).AsTask());
            }

            if (isDone) return;
            if (!warned && context.Time.GetElapsedTime(handedOn) > WarningAfter)
            {
                warned = true;
                foreach (var partition in topics.SelectMany(t => t.Partitions).Where(p => !p.IsDone)) context.Logger.HeldBack(partition.ToString(), partition.Next, partition.End!.Value);
            }

            if (Failed(taker, start, context, stop) | (stops.IsOver && (watch?.Look(stop) ?? false))) Assign(feed, topics);
        }
    }

    private static void Assign(IRecordFeed feed, IReadOnlyList<TopicCursor> topics) => feed.Assign([.. topics.SelectMany(t => t.Partitions).Where(p => !p.IsDone && !p.IsAtStop)]);

    /// <summary>Looks after partitions that can't be read; gives whether they are to be assigned anew. Most faults librdkafka meets itself.</summary>
    private static bool Failed(SliceTaker taker, ReaderStart start, SourceContext context, CancellationToken stop)
    {
        if (taker.Failures.Count == 0) return false;
        var assign = false;
        foreach (var (partition, error) in taker.Failures)
        {
            if (KafkaErrors.IsLasting(error.Code)) throw KafkaErrors.ToFailure(error, $"Reading {partition}");
            context.Logger.PartitionFailed(partition.ToString(), error.Reason, error.Code.ToString());
            if (error.Code is not (ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)) continue;
            var found = Complete(start.FindAsync([partition.Topic.Name], stop));
            ReaderStart.RefuseUnlessSame(partition.Topic.Name, partition.Topic.Id, found[partition.Topic.Name]);
            Complete(start.CheckAsync(partition.Topic, stop));
            assign = true;
        }

        taker.Failures.Clear();
        return assign;
    }

    private static void Complete(Task task) => task.GetAwaiter().GetResult();

    private static T Complete<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
