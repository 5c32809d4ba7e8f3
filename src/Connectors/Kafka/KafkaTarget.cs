using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>One Kafka cluster as a target: every delivery is one transaction, with its marker last, in the pipeline's progress topic.</summary>
/// <remarks>Invariant: while there is a producer, it holds the transactional id as far as we know, and has no open transaction between calls.</remarks>
internal sealed class KafkaTarget : ITarget
{
    /// <summary>How long a reading of the marker that fences nobody waits for open transactions; the claim, which follows, waits until their end.</summary>
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    private readonly KafkaOptions _options;
    private readonly TargetContext _context;
    private readonly KafkaTopics _topics;
    private readonly ProgressTopic _progress;
    private TransactionalProducer? _producer;
    private SizeLimits _limits;
    private string? _note;

    public KafkaTarget(KafkaOptions options, TargetContext context)
    {
        (_options, _context) = (options, context);
        _topics = new KafkaTopics(options, context.PipelineName, context.Logger);
        _progress = new ProgressTopic(options, context.PipelineName, _topics, context.Logger);
    }

    public string Name => _options.Name;

    public string Description => $"Kafka at {ClientSettings.BootstrapServersOf(_options)}";

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits => _options.Limits;

    public async ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
    {
        if ((await _topics.FindMissingAsync([_progress.Name], cancellationToken).ConfigureAwait(false)).Count > 0) return null;
        var (marker, _) = await _progress.ReadAsync(ProgressTopic.Key(Name, part: 0), From(recorded), ReadPatience, cancellationToken).ConfigureAwait(false);
        return marker;
    }

    public async ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
    {
        await DiscardAsync(abort: false).ConfigureAwait(false);
        await _progress.EnsureAsync(cancellationToken).ConfigureAwait(false);
        await _topics.EnsureAsync([.. _context.Destinations.Union(_topics.Known).Union(_options.DeadLetters is { } letters ? [letters] : [])], cancellationToken).ConfigureAwait(false);
        _limits = _topics.Limits;
        _producer = new TransactionalProducer(_options, _context.PipelineName, _limits, _context.Logger);
        try
        {
            await Task.Run(() => _producer.Fence(cancellationToken), cancellationToken).ConfigureAwait(false);
            FailPoint.Hit(FailPoints.ClaimAfterFence);
            var (marker, end) = await _progress.ReadAsync(ProgressTopic.Key(Name, part: 0), From(recorded), patience: null, cancellationToken).ConfigureAwait(false);
            FailPoint.Hit(FailPoints.ClaimAfterMarkerRead);
            // Every marker of this producer comes behind what the topic holds now.
            _note = end.ToString(CultureInfo.InvariantCulture);
            return marker;
        }
        catch
        {
            await DiscardAsync(abort: false).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        Check.That(_producer is not null);
        try
        {
            return await Task.Run(() => Deliver(_producer, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await DiscardAsync(abort: true).ConfigureAwait(false);
            // Of a record that the broker alone found too large, the next claim knows: then it is named, or goes to the dead letters.
            if (e is BadDataException && await _topics.TakeLessAsync(cancellationToken).ConfigureAwait(false) is { } topic)
                throw new ConnectorException($"The Kafka topic {topic} takes smaller records than before (max.message.bytes); the producer is made anew.", e) { IsTransient = true };
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DiscardAsync(abort: true).ConfigureAwait(false);
        _topics.Dispose();
    }

    private DeliveredMarker Deliver(TransactionalProducer producer, IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        var elapsed = Stopwatch.StartNew();
        producer.Begin();
        var (rows, bytes, letters) = ProduceRows(producer, batch, cancellationToken);
        // Marker and rows share one flush: a commit that could end the next transaction in its middle never leaves its producer in use (TransactionalProducer.Commit).
        FailPoint.Hit(FailPoints.DeliverBeforeMarker);
        var marker = batch.Marker;
        Check.That(marker.Target == Name);
        producer.ProduceMarker(new TopicPartition(_progress.Name, 0), ProgressTopic.Key(marker.Target, marker.Part), Encoding.UTF8.GetBytes(marker.ToJson()), cancellationToken);
        producer.Flush(cancellationToken);
        FailPoint.Hit(FailPoints.DeliverBeforeCommit);
        var commit = producer.Commit(cancellationToken);
        FailPoint.Hit(FailPoints.DeliverAfterCommit);
        DeadLetterCount.Add(letters, Name);
        _context.Logger.Committed(rows, bytes, elapsed.Elapsed, commit);
        return new DeliveredMarker(marker, _note);
    }

    private (long Rows, long Bytes, long Letters) ProduceRows(TransactionalProducer producer, IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        var (rows, bytes, letters, topic, sizeMax) = (0L, 0L, 0L, (string?)null, 0);
        while (batch.TryRead(out var row))
        {
            if (!ReferenceEquals(row.Destination, topic))
            {
                if (!_topics.IsKnown(row.Destination)) Meet(row.Destination, cancellationToken);
                (topic, sizeMax) = (row.Destination, _topics.MessageSizeMax(row.Destination));
            }

            var size = row.Key.Length + row.Value.Length + row.Headers.Length;
            if (size <= sizeMax) producer.Produce(row, cancellationToken);
            else letters += PutAside(producer, row, size, sizeMax, batch.Place, cancellationToken);
            bytes += size;
            if (rows++ == 0) FailPoint.Hit(FailPoints.DeliverMidway);
            if ((rows & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
        }

        return (rows, bytes, letters);
    }

    private int PutAside(TransactionalProducer producer, in OutputRow row, int size, int sizeMax, OutputPlace place, CancellationToken cancellationToken)
    {
        var reason = $"It has {size} bytes, and topic {row.Destination} takes {sizeMax}";
        using var letter = _options.DeadLetters is { } topic ? TooLargeRecord.Of(row, reason, place, topic, _topics.MessageSizeMax(topic)) : null;
        if (letter is null) throw TooLarge(row, size, sizeMax);
        letter.Produce(producer, cancellationToken);
        _context.Logger.DeadLetter($"{row.Destination}, {place}", reason);
        return 1;
    }

    /// <summary>A topic that wasn't known beforehand: it is created or checked, which the rows behind it wait for.</summary>
    private void Meet(string topic, CancellationToken cancellationToken)
    {
        _topics.EnsureAsync([topic], cancellationToken).GetAwaiter().GetResult();
        // The next claim makes a producer that suits this topic too.
        if (_topics.Limits.Batch < _limits.Batch || _topics.Limits.Message > _limits.Message)
            throw new ConnectorException($"The Kafka topic {topic} has other limits for the size of records and batches than those known before; the producer is made anew.") { IsTransient = true };
    }

    private static BadDataException TooLarge(in OutputRow row, int size, int sizeMax)
    {
        var key = Encoding.UTF8.GetString(row.Key[..Math.Min(row.Key.Length, 100)]);
        return new BadDataException(
            $"A record for the Kafka topic {row.Destination} has {size} bytes, the topic takes {sizeMax}. Its key: {(row.HasKey ? key : "(none)")}{(row.Key.Length > 100 ? "…" : "")}. "
            + "Raise max.message.bytes of the topic, or make the row smaller; or let such records go to dead letters (dead-letters), and go on.");
    }

    /// <summary>What <see cref="DeliveredMarker.Note"/> says about where to begin.</summary>
    private static long From(DeliveredMarker? recorded) => long.TryParse(recorded?.Note, CultureInfo.InvariantCulture, out var offset) && offset >= 0 ? offset : 0;

    /// <summary>Gives the clients up; the next claim makes fresh ones.</summary>
    private async Task DiscardAsync(bool abort)
    {
        if (_producer is { } producer)
        {
            _producer = null;
            await Task.Run(() => producer.Discard(abort)).ConfigureAwait(false);
        }

        _topics.Disconnect();
    }
}
