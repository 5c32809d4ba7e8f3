using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>A record that is too large for its topic, as a dead letter: in parts, since the topic of dead letters has a limit as well.</summary>
/// <remarks>The parts stand behind one another in one partition, in one transaction; each has the record's key, so that they stay together. <see cref="DeadLetterBox"/> puts them together again.</remarks>
internal sealed class TooLargeRecord : IDisposable
{
    /// <summary>What the headers of a part need beside the reason and those of the record.</summary>
    private const int HeadersMax = 1024;

    private readonly OutputBuffer _parts = new();

    /// <summary>Makes the parts; null where even the key and the headers are too large.</summary>
    /// <param name="row">The record.</param>
    /// <param name="reason">Why it isn't written.</param>
    /// <param name="place">Where it stands in the output.</param>
    /// <param name="topic">The topic of dead letters.</param>
    /// <param name="sizeMax">The largest record that takes.</param>
    public static TooLargeRecord? Of(in OutputRow row, string reason, OutputPlace place, string topic, int sizeMax)
    {
        var room = sizeMax - row.Key.Length - row.Headers.Length - Encoding.UTF8.GetByteCount(reason) - HeadersMax;
        if (room < HeadersMax) return null;
        var letter = new TooLargeRecord();
        var count = Math.Max(1, (row.Value.Length + room - 1) / room);
        for (var part = 0; part < count; part++)
        {
            letter._parts.BeginRow(letter._parts.Destination(topic));
            letter._parts.BeginKey();
            // Without a key the parts would go to any partition.
            letter._parts.Write(row.HasKey ? row.Key : Encoding.UTF8.GetBytes(place.ToString()));
            letter._parts.BeginValue();
            letter._parts.Write(row.Value.Slice(part * room, Math.Min(room, row.Value.Length - (part * room))));
            if (!row.Headers.IsEmpty) letter._parts.AddHeaders(row.Headers);
            letter.Add(DeadLetter.ReasonHeader, reason);
            letter.Add(DeadLetter.TopicHeader, row.Destination);
            letter.Add(DeadLetter.PlaceHeader, place.ToString());
            letter.Add(DeadLetter.PartHeader, string.Create(CultureInfo.InvariantCulture, $"{part + 1}/{count}"));
            if (!row.HasKey) letter.Add(DeadLetter.NoKeyHeader, "");
            letter._parts.EndRow();
        }

        return letter;
    }

    /// <summary>Sends the parts.</summary>
    public void Produce(TransactionalProducer producer, CancellationToken cancellationToken)
    {
        for (var rest = _parts.Bytes.Span; !rest.IsEmpty;) producer.Produce(OutputBuffer.Read(ref rest, _parts.Destinations), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();

    private void Add(string name, string value) => _parts.AddHeader(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
