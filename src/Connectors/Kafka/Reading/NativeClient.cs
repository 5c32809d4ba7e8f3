using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Pathway.Connectors.Kafka;

/// <summary>The functions of the librdkafka that the client has loaded which read whole batches.</summary>
/// <remarks>
/// The client ships several builds of the library and takes one that loads; ours have to be of the same file. It is found among the process's modules; where that fails, or where the client
/// has changed inside, there is no native client, and the managed way is gone.
/// </remarks>
internal sealed unsafe class NativeClient
{
    private static readonly Lazy<NativeClient?> LoadedOnce = new(Load);

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

    /// <summary>The client's own handle; null where it can't be had.</summary>
    public static SafeHandle? HandleOf(IClient client) =>
        typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(client.Handle) as SafeHandle;

    private static NativeClient? Load()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            var files = process.Modules.Cast<ProcessModule>().Select(m => m.FileName).Where(f => Path.GetFileName(f).Contains("librdkafka", StringComparison.OrdinalIgnoreCase)).Distinct().ToList();
            return files is [var only] && NativeLibrary.TryLoad(only, out var library) ? new NativeClient(library) : null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or System.ComponentModel.Win32Exception or PlatformNotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
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
