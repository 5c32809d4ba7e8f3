using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Straight into librdkafka's queue: key and value from the memory in which they stand, headers made once and copied natively.</summary>
/// <remarks>The managed client is made, fenced, flushed and disposed as usual; only records are put in by other means. To be disposed before it.</remarks>
internal sealed unsafe class NativeQueue : IRecordQueue
{
    private readonly NativeProduce _native;
    private readonly nint _client;
    private readonly Dictionary<string, nint> _topics = new(StringComparer.Ordinal);
    private string? _lastName;
    private nint _lastTopic;
    private byte[] _lastEncoded = [];
    private nint _lastHeaders;

    private NativeQueue(NativeProduce native, nint client) => (_native, _client) = (native, client);

    /// <summary>The queue of a producer; null where it can't be had natively.</summary>
    public static NativeQueue? TryOpen(IClient producer) =>
        NativeProduce.Loaded is { } native && NativeLibrdkafka.HandleOf(producer) is { IsInvalid: false } handle ? new NativeQueue(native, handle.DangerousGetHandle()) : null;

    public Error? TryPut(in OutputRow row)
    {
        var parts = stackalloc NativePart[5];
        parts[0] = new NativePart { Kind = NativePart.OfTopic, Pointer = TopicOf(row.Destination) };
        var headers = row.Headers.IsEmpty ? 0 : _native.CopyHeaders(HeadersOf(row.Headers));
        parts[1] = new NativePart { Kind = NativePart.OfFlags, Number = NativePart.CopyFlag };
        nint error;
        // A span of no bytes has no address, but a key or value of none isn't absent.
        byte none = 0;
        fixed (byte* key = row.Key, value = row.Value)
        {
            parts[2] = Memory(NativePart.OfKey, row.HasKey ? key is null ? &none : key : null, row.Key.Length);
            parts[3] = Memory(NativePart.OfValue, row.HasValue ? value is null ? &none : value : null, row.Value.Length);
            if (headers != 0) parts[4] = new NativePart { Kind = NativePart.OfHeaders, Pointer = headers };
            error = _native.Put(_client, parts, headers == 0 ? 4u : 5u);
        }

        if (error == 0) return null;
        if (headers != 0) _native.DestroyHeaders(headers);
        var told = new Error((ErrorCode)_native.CodeOf(error), Marshal.PtrToStringUTF8((nint)_native.ReasonOf(error)) ?? "", _native.IsFatal(error) != 0);
        _native.DestroyError(error);
        return told;
    }

    public void Dispose()
    {
        foreach (var topic in _topics.Values) _native.DestroyTopic(topic);
        _topics.Clear();
        if (_lastHeaders != 0) _native.DestroyHeaders(_lastHeaders);
        _lastHeaders = 0;
    }

    private static NativePart Memory(int kind, byte* at, int length) => new() { Kind = kind, Pointer = (nint)at, Length = at is null ? 0 : (nuint)length };

    private nint TopicOf(string name)
    {
        if (ReferenceEquals(name, _lastName)) return _lastTopic;
        if (!_topics.TryGetValue(name, out var topic)) topic = NewTopic(name);
        (_lastName, _lastTopic) = (name, topic);
        return topic;
    }

    private nint NewTopic(string name)
    {
        nint topic;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0')) topic = _native.NewTopic(_client, text, 0);
        if (topic == 0) throw new ConnectorException($"The Kafka client doesn't take the topic {name}.");
        _topics.Add(name, topic);
        return topic;
    }

    // Most records have the headers of the one before.
    private nint HeadersOf(ReadOnlySpan<byte> encoded)
    {
        if (_lastHeaders != 0)
        {
            if (encoded.SequenceEqual(_lastEncoded)) return _lastHeaders;
            _native.DestroyHeaders(_lastHeaders);
        }

        _lastEncoded = encoded.ToArray();
        _lastHeaders = _native.NewHeaders(4);
        for (var rest = encoded; !rest.IsEmpty;)
        {
            var (name, value) = OutputBuffer.ReadHeader(ref rest);
            var text = Encoding.UTF8.GetBytes(name);
            byte none = 0;
            fixed (byte* nameAt = text, valueAt = value) _ = _native.AddHeader(_lastHeaders, nameAt is null ? &none : nameAt, text.Length, valueAt is null ? &none : valueAt, value.Length);
        }

        return _lastHeaders;
    }
}
