using System.Buffers;
using System.Buffers.Binary;

namespace Pathway.Connectors.Postgres;

/// <summary>Brings a row in the text format of COPY into the form of the replication stream's tuples, so that loaded and streamed rows are one thing to everybody behind.</summary>
public static class CopyText
{
    /// <summary>Appends the tuple for the columns of <paramref name="line"/> (without its line end) to <paramref name="output"/>; returns its length.</summary>
    public static int Append(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        // A field grows by 5 bytes for kind and length, and never grows otherwise: an escape is longer than what it stands for.
        var target = output.GetSpan(2 + (6 * (line.Length + 1)));
        short columns = 0;
        var at = 2;
        while (true)
        {
            columns++;
            var tab = line.IndexOf((byte)'\t');
            var field = tab < 0 ? line : line[..tab];
            at += Field(field, target[at..]);
            if (tab < 0) break;
            line = line[(tab + 1)..];
        }

        BinaryPrimitives.WriteInt16BigEndian(target, columns);
        output.Advance(at);
        return at;
    }

    private static int Field(ReadOnlySpan<byte> field, Span<byte> target)
    {
        if (field.SequenceEqual("\\N"u8))
        {
            target[0] = (byte)'n';
            return 1;
        }

        target[0] = (byte)'t';
        var length = field.Contains((byte)'\\') ? Unescape(field, target[5..]) : Copy(field, target[5..]);
        BinaryPrimitives.WriteInt32BigEndian(target[1..], length);
        return 5 + length;
    }

    private static int Copy(ReadOnlySpan<byte> field, Span<byte> target)
    {
        field.CopyTo(target);
        return field.Length;
    }

    private static int Unescape(ReadOnlySpan<byte> field, Span<byte> target)
    {
        var length = 0;
        for (var i = 0; i < field.Length; i++)
        {
            var c = field[i];
            if (c == '\\' && i + 1 < field.Length)
            {
                c = field[++i] switch
                {
                    (byte)'b' => (byte)'\b', (byte)'f' => (byte)'\f', (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', (byte)'t' => (byte)'\t', (byte)'v' => (byte)'\v',
                    var other => other,
                };
            }

            target[length++] = c;
        }

        return length;
    }
}
