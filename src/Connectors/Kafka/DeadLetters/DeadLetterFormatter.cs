using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Writes dead letters with the key, the value and the headers that they had, and headers that say why and where from.</summary>
internal sealed class DeadLetterFormatter(string topic) : IStreamFormatter<DeadLetter>
{
    public void Format(ReadOnlySpan<DeadLetter> rows, OutputBuffer output)
    {
        foreach (var letter in rows)
        {
            output.BeginRow(output.Destination(topic));
            if (letter.Key is { } key)
            {
                output.BeginKey();
                output.Write(key.Span);
            }

            if (letter.Value is { } value)
            {
                output.BeginValue();
                output.Write(value.Span);
            }

            // A letter that was sent back and failed again says why it did this time.
            foreach (var (name, content) in letter.Headers)
                if (!name.StartsWith("pathway.dead-letter.", StringComparison.Ordinal)) output.AddHeader(Encoding.UTF8.GetBytes(name), content);
            Add(DeadLetter.ReasonHeader, letter.Reason, output);
            Add(DeadLetter.TopicHeader, letter.Topic, output);
            Add(DeadLetter.PartitionHeader, letter.Partition.ToString(CultureInfo.InvariantCulture), output);
            Add(DeadLetter.OffsetHeader, letter.Offset.ToString(CultureInfo.InvariantCulture), output);
            output.EndRow();
        }
    }

    private static void Add(string name, string value, OutputBuffer output) => output.AddHeader(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
