using Microsoft.Extensions.Logging;

namespace Pathway.Connectors.Kafka;

/// <summary>The catalogue of what this room logs; event ids 5000–5099.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 5000, Level = LogLevel.Information, Message = "Kafka topic {Topic} created with {Partitions} partitions")]
    public static partial void TopicCreated(this ILogger logger, string topic, int partitions);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Debug, Message = "Kafka transactional id {TransactionalId} taken; earlier producers are fenced")]
    public static partial void Fenced(this ILogger logger, string transactionalId);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning,
        Message = "The end of {Topic} can't be read: position {Position} of {End}. Another producer's open transaction holds it back; waiting for its end (kafka-transactions.sh shows it)")]
    public static partial void HeldBack(this ILogger logger, string topic, long position, long end);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Information, Message = "Kafka isn't ready for transactions yet: {Reason}")]
    public static partial void NotReady(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Warning, Message = "Kafka: {Reason} ({Code})")]
    public static partial void ClientError(this ILogger logger, string code, string reason);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
    public static partial void ClientLog(this ILogger logger, string facility, string text);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Debug, Message = "Aborting the Kafka transaction failed: {Reason}. The next claim ends it")]
    public static partial void AbortFailed(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Debug, Message = "Kafka transaction committed: {Rows} rows, {Bytes} bytes in {Elapsed}, of it {Commit} for the commit")]
    public static partial void Committed(this ILogger logger, long rows, long bytes, TimeSpan elapsed, TimeSpan commit);

    [LoggerMessage(EventId = 5020, Level = LogLevel.Warning, Message = "Kafka source: {Reason} Asking again in {Delay}")]
    public static partial void SourceNotReady(this ILogger logger, string reason, TimeSpan delay);

    [LoggerMessage(EventId = 5021, Level = LogLevel.Warning,
        Message = "Records of {Partition} were deleted by the broker before they were read: {Count} offsets are skipped, from {From} to {To}, as lost records are set to be")]
    public static partial void LostRecordsSkipped(this ILogger logger, string partition, long count, long from, long to);

    [LoggerMessage(EventId = 5022, Level = LogLevel.Warning, Message = "Reading {Partition}: {Reason} ({Code})")]
    public static partial void PartitionFailed(this ILogger logger, string partition, string reason, string code);

    [LoggerMessage(EventId = 5023, Level = LogLevel.Information, Message = "Kafka topic {Topic} has {Partitions} partitions now; the new ones are read from their beginning")]
    public static partial void PartitionsAdded(this ILogger logger, string topic, int partitions);

    [LoggerMessage(EventId = 5024, Level = LogLevel.Debug, Message = "Looking for new partitions failed: {Reason} The next look follows")]
    public static partial void LookFailed(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5025, Level = LogLevel.Information, Message = "The Kafka client's library can't be reached for reading whole batches; records are read one by one, which takes about twice the processor time")]
    public static partial void NoNativeClient(this ILogger logger);

    [LoggerMessage(EventId = 5026, Level = LogLevel.Warning, Message = "The record of {Place} goes to the dead letters: {Reason}")]
    public static partial void DeadLetter(this ILogger logger, string place, string reason);
}
