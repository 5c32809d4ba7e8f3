using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>The client's queue of records to be sent, in the order in which they are put in for each partition.</summary>
internal interface IRecordQueue : IDisposable
{
    /// <summary>Puts a copy of the record into the queue; its key decides the partition. What went wrong, if it didn't get in; <see cref="ErrorCode.Local_QueueFull"/>: it can be tried again.</summary>
    Error? TryPut(in OutputRow row);
}
