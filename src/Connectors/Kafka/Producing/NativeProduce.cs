using System.Runtime.InteropServices;

namespace Pathway.Connectors.Kafka;

/// <summary>The functions of librdkafka which take records from memory as it is.</summary>
internal sealed unsafe class NativeProduce
{
    private static readonly Lazy<NativeProduce?> LoadedOnce = new(() => NativeLibrdkafka.TryBind(library => new NativeProduce(library)));

    private NativeProduce(nint library)
    {
        NewTopic = (delegate* unmanaged<nint, byte*, nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_topic_new");
        DestroyTopic = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_topic_destroy");
        Put = (delegate* unmanaged<nint, NativePart*, nuint, nint>)NativeLibrary.GetExport(library, "rd_kafka_produceva");
        CodeOf = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "rd_kafka_error_code");
        ReasonOf = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(library, "rd_kafka_error_string");
        IsFatal = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "rd_kafka_error_is_fatal");
        DestroyError = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_error_destroy");
        NewHeaders = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "rd_kafka_headers_new");
        AddHeader = (delegate* unmanaged<nint, byte*, nint, byte*, nint, int>)NativeLibrary.GetExport(library, "rd_kafka_header_add");
        CopyHeaders = (delegate* unmanaged[SuppressGCTransition]<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_headers_copy");
        DestroyHeaders = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_headers_destroy");
    }

    /// <summary>The functions; null where they can't be had. To be asked for after a client was made, which loads the library.</summary>
    public static NativeProduce? Loaded => LoadedOnce.Value;

    public delegate* unmanaged<nint, byte*, nint, nint> NewTopic { get; }

    public delegate* unmanaged<nint, void> DestroyTopic { get; }

    /// <summary>Copies key and value; the headers are the record's afterwards, unless it gives an error.</summary>
    public delegate* unmanaged<nint, NativePart*, nuint, nint> Put { get; }

    public delegate* unmanaged<nint, int> CodeOf { get; }

    public delegate* unmanaged<nint, byte*> ReasonOf { get; }

    public delegate* unmanaged<nint, int> IsFatal { get; }

    public delegate* unmanaged<nint, void> DestroyError { get; }

    public delegate* unmanaged<nuint, nint> NewHeaders { get; }

    public delegate* unmanaged<nint, byte*, nint, byte*, nint, int> AddHeader { get; }

    /// <summary>A few allocations: short enough to do without the runtime's transition.</summary>
    public delegate* unmanaged[SuppressGCTransition]<nint, nint> CopyHeaders { get; }

    public delegate* unmanaged<nint, void> DestroyHeaders { get; }
}

/// <summary>One part of a record that is given to librdkafka: <c>rd_kafka_vu_t</c>, a kind and a union of 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct NativePart
{
    /// <summary>The kinds that we use: <c>rd_kafka_vtype_t</c>.</summary>
    public const int OfTopic = 2, OfValue = 4, OfKey = 5, OfFlags = 7, OfHeaders = 10;

    /// <summary>Key and value are copied before the call returns.</summary>
    public const int CopyFlag = 2;

    [FieldOffset(0)]
    public int Kind;

    [FieldOffset(8)]
    public nint Pointer;

    [FieldOffset(8)]
    public int Number;

    [FieldOffset(16)]
    public nuint Length;
}
