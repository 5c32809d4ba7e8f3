using System.Runtime.InteropServices;

namespace Pathway.Connectors.Kafka;

/// <summary>The functions of librdkafka which read whole batches.</summary>
internal sealed unsafe class NativeClient
{
    private static readonly Lazy<NativeClient?> LoadedOnce = new(() => NativeLibrdkafka.TryBind(library => new NativeClient(library)));

    private NativeClient(nint library)
    {
        QueueOfConsumer = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_queue_get_consumer");
        DestroyQueue = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_queue_destroy");
        ConsumeBatch = (delegate* unmanaged<nint, int, NativeMessage**, nuint, nint>)NativeLibrary.GetExport(library, "rd_kafka_consume_batch_queue");
        DestroyMessage = (delegate* unmanaged[SuppressGCTransition]<NativeMessage*, void>)NativeLibrary.GetExport(library, "rd_kafka_message_destroy");
        TimeOf = (delegate* unmanaged[SuppressGCTransition]<NativeMessage*, int*, long>)NativeLibrary.GetExport(library, "rd_kafka_message_timestamp");
        HeadersOf = (delegate* unmanaged<NativeMessage*, nint*, int>)NativeLibrary.GetExport(library, "rd_kafka_message_headers");
        HeaderAt = (delegate* unmanaged<nint, nuint, byte**, byte**, nuint*, int>)NativeLibrary.GetExport(library, "rd_kafka_header_get_all");
        NameOfTopic = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "rd_kafka_topic_name");
    }

    /// <summary>The functions; null where they can't be had. To be asked for after a client was made, which loads the library.</summary>
    public static NativeClient? Loaded => LoadedOnce.Value;

    public delegate* unmanaged<nint, nint> QueueOfConsumer { get; }

    public delegate* unmanaged<nint, void> DestroyQueue { get; }

    public delegate* unmanaged<nint, int, NativeMessage**, nuint, nint> ConsumeBatch { get; }

    /// <summary>Returns at once, but takes a lock where it is the last of its batch: short enough to do without the runtime's transition.</summary>
    public delegate* unmanaged[SuppressGCTransition]<NativeMessage*, void> DestroyMessage { get; }

    public delegate* unmanaged[SuppressGCTransition]<NativeMessage*, int*, long> TimeOf { get; }

    public delegate* unmanaged<NativeMessage*, nint*, int> HeadersOf { get; }

    public delegate* unmanaged<nint, nuint, byte**, byte**, nuint*, int> HeaderAt { get; }

    public delegate* unmanaged<nint, byte*> NameOfTopic { get; }
}

/// <summary>A record as librdkafka has it: <c>rd_kafka_message_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMessage
{
    public int Error;
    public nint Topic;
    public int Partition;
    public byte* Value;
    public nuint ValueLength;
    public byte* Key;
    public nuint KeyLength;
    public long Offset;
    public nint Private;
}
