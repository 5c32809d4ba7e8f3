using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>The one producer of a target, from its fence to its end. One transaction at a time, one caller at a time.</summary>
/// <remarks>Order: <see cref="Fence"/> once, then <see cref="Begin"/>, <see cref="Produce"/>…, <see cref="ProduceMarker"/>, <see cref="Flush"/>, <see cref="Commit"/>. After any exception: <see cref="Discard"/>; it can't be used again.</remarks>
internal sealed class TransactionalProducer
{
    /// <summary>No call into librdkafka waits longer, so that a stop is noticed.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    /// <summary>librdkafka's own waits go in steps of 10 ms; a small transaction takes half of that. While much is queued, each step would only wake its threads.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1), PollWhileMuch = TimeSpan.FromMilliseconds(20);

    private const int MuchQueued = 5000;

    private static readonly TimeSpan AbortWait = TimeSpan.FromSeconds(1), CommitWait = TimeSpan.FromSeconds(30);

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly IRecordQueue _queue;
    private readonly ILogger _logger;
    private readonly string _transactionalId;
    private readonly TimeSpan _commitWithoutRetry;
    private readonly int _queueMax;
    private Error? _fatal, _authentication;
    private int _faults;
    private bool _inTransaction;

    public TransactionalProducer(KafkaOptions options, string pipeline, SizeLimits limits, ILogger logger)
    {
        _logger = logger;
        var config = ClientSettings.Producer(options, pipeline, limits);
        (_transactionalId, _commitWithoutRetry) = (config.TransactionalId, ClientSettings.CommitWithoutRetry(config));
        _queueMax = config.QueueBufferingMaxMessages ?? 100_000;
        _producer = ClientSettings.Build(
            () => new ProducerBuilder<byte[]?, byte[]?>(config).SetErrorHandler(OnError).SetLogHandler((_, message) => logger.ClientLog(message.Facility, message.Message)).Build(), options);
        _queue = (IRecordQueue?)NativeQueue.TryOpen(_producer) ?? new ManagedQueue(_producer);
    }

    /// <summary>Takes the transactional id: the broker ends what an earlier producer left open and refuses it from now on.</summary>
    public void Fence(CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                _producer.InitTransactions(Slice);
                _logger.Fenced(_transactionalId);
                return;
            }
            catch (KafkaRetriableException e)
            {
                // What the connection met says more than "timed out".
                if (_authentication is { } refused) throw KafkaErrors.ToFailure(refused, "Signing in to Kafka", e);
                if (isFirst) _logger.NotReady(e.Error.Reason);
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.InvalidTransactionTimeout)
            {
                throw new ConfigurationException("The broker allows only shorter transactions (its transaction.max.timeout.ms) than the client setting transaction.timeout.ms asks for. Lower it, and the limit of a transaction's time with it.", e);
            }
            catch (KafkaException e)
            {
                throw Failure(e.Error, "Taking the Kafka transactional id " + _transactionalId, e);
            }
        }
    }

    public void Begin()
    {
        try
        {
            _producer.BeginTransaction();
            _inTransaction = true;
        }
        catch (KafkaException e)
        {
            throw Failure(e.Error, "Beginning a Kafka transaction", e);
        }
    }

    /// <summary>Puts a copy of a record into the client's queue; waits while that is full.</summary>
    public void Produce(in OutputRow row, CancellationToken cancellationToken)
    {
        while (_queue.TryPut(row) is { } error)
        {
            if (error.Code != ErrorCode.Local_QueueFull) throw Failure(error, $"Producing to the Kafka topic {row.Destination}", null);
            WaitUntilQueued(_queueMax / 2, cancellationToken);
        }
    }

    /// <summary>Puts the marker into the client's queue, behind all records.</summary>
    public void ProduceMarker(TopicPartition to, byte[] key, byte[] value, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _producer.Produce(to, new Message<byte[]?, byte[]?> { Key = key, Value = value });
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                WaitUntilQueued(_queueMax / 2, cancellationToken);
            }
            catch (KafkaException e)
            {
                throw Failure(e.Error, $"Producing to the Kafka topic {to.Topic}", e);
            }
        }
    }

    /// <summary>Waits until the brokers have everything that was produced, or it has failed for good (which the commit then says).</summary>
    public void Flush(CancellationToken cancellationToken) => WaitUntilQueued(0, cancellationToken);

    /// <summary>Commits. When it returns, the transaction is committed, and no request of it can come late.</summary>
    /// <exception cref="ConnectorException">
    /// Aborted, or the outcome is unknown, or it is committed but librdkafka may have sent the request twice: the late one would end the next transaction in its middle (I9).
    /// </exception>
    public TimeSpan Commit(CancellationToken cancellationToken)
    {
        var (elapsed, faultsBefore) = (Stopwatch.StartNew(), Volatile.Read(ref _faults));
        while (true)
        {
            try
            {
                _producer.CommitTransaction(Slice);
                break;
            }
            catch (KafkaRetriableException e)
            {
                if (elapsed.Elapsed > CommitWait) throw Failure(e.Error, $"Committing a Kafka transaction for {elapsed.Elapsed.TotalSeconds:0} s (its outcome is unknown)", e);
            }
            catch (KafkaException e)
            {
                throw Failure(e.Error, "Committing a Kafka transaction", e);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        _inTransaction = false;
        if (MayHaveBeenSentTwice(elapsed.Elapsed, Volatile.Read(ref _faults) - faultsBefore))
        {
            throw new ConnectorException(
                $"Committing a Kafka transaction took {elapsed.Elapsed.TotalMilliseconds:0} ms and met faults of connections, so that the request may have been sent twice; the marker tells what holds.")
                { IsTransient = true };
        }

        return elapsed.Elapsed;
    }

    /// <summary>Gives the producer up, after its transaction was aborted if that can be had quickly. Never throws.</summary>
    public void Discard(bool abort)
    {
        try
        {
            if (abort && _inTransaction && _fatal is null) _producer.AbortTransaction(AbortWait);
        }
        catch (KafkaException e)
        {
            // The next fence aborts it.
            _logger.AbortFailed(e.Error.Reason);
        }

        _queue.Dispose();
        _producer.Dispose();
    }

    /// <summary>
    /// librdkafka repeats a commit only after a lost connection or a time-out, and after a wait. It reports those, but leaves out a report that equals one of the last 30 s:
    /// so the time counts by itself. A slow commit that was sent once costs a claim, no more.
    /// </summary>
    private bool MayHaveBeenSentTwice(TimeSpan elapsed, int faults) => faults > 0 || elapsed > _commitWithoutRetry;

    /// <remarks>Without delivery reports the queue's length is the progress. Flush also sends what lingers.</remarks>
    private void WaitUntilQueued(int messages, CancellationToken cancellationToken)
    {
        var remaining = Remaining(Poll);
        while (remaining > messages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_fatal is { } fatal) throw Failure(fatal, "Delivering to Kafka", null);
            remaining = Remaining(remaining - messages > MuchQueued ? PollWhileMuch : Poll);
        }
    }

    private int Remaining(TimeSpan wait)
    {
        try
        {
            return _producer.Flush(wait);
        }
        catch (KafkaException e)
        {
            throw Failure(e.Error, "Delivering to Kafka", e);
        }
    }

    /// <summary>The failure for an error of a call; a fatal one hides its reason behind a general code.</summary>
    private PathwayException Failure(Error error, string doing, Exception? cause) => KafkaErrors.ToFailure(_fatal is { } fatal && (error.IsFatal || error.Code is ErrorCode.Local_Fatal or ErrorCode.Local_State) ? fatal : error, doing, cause);

    private void OnError(IProducer<byte[]?, byte[]?> producer, Error error)
    {
        if (error.IsFatal) _fatal ??= error;
        if (error.Code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed) _authentication = error;
        if (KafkaErrors.IsFaultOfConnection(error.Code)) Interlocked.Increment(ref _faults);
        _logger.ClientError(error.Code.ToString(), error.Reason);
    }
}
