using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Through the managed client: with an array for each key and value, and headers taken over one by one.</summary>
internal sealed class ManagedQueue(IProducer<byte[]?, byte[]?> producer) : IRecordQueue
{
    private readonly Message<byte[]?, byte[]?> _message = new();
    private readonly ExactArrays _keys = new(), _values = new();
    private byte[] _lastEncoded = [];
    private Headers? _lastHeaders;

    public Error? TryPut(in OutputRow row)
    {
        _message.Key = row.HasKey ? _keys.Copy(row.Key) : null;
        _message.Value = row.HasValue ? _values.Copy(row.Value) : null;
        _message.Headers = row.Headers.IsEmpty ? null : HeadersOf(row.Headers);
        try
        {
            producer.Produce(row.Destination, _message);
            return null;
        }
        catch (KafkaException e)
        {
            return e.Error;
        }
    }

    public void Dispose()
    {
        // The producer is its maker's.
    }

    // Most records have the headers of the one before.
    private Headers HeadersOf(ReadOnlySpan<byte> encoded)
    {
        if (_lastHeaders is { } last && encoded.SequenceEqual(_lastEncoded)) return last;
        _lastEncoded = encoded.ToArray();
        var headers = new Headers();
        for (var rest = encoded; !rest.IsEmpty;)
        {
            var (name, value) = OutputBuffer.ReadHeader(ref rest);
            headers.Add(name, value);
        }

        return _lastHeaders = headers;
    }
}
