using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The text form of COPY: one line a row, values between tabs, <c>\N</c> for NULL, backslash escapes.</summary>
public static class CopyText
{
    /// <summary>The tuple of one row.</summary>
    /// <param name="line">The line, without the line feed at its end.</param>
    public static TupleData ToTuple(ReadOnlySpan<byte> line)
    {
        using var writer = new TupleWriter(line.Length + 64);
        Append(line, writer);
        return new TupleData(writer.Written.ToArray());
    }

    /// <summary>Appends the tuple of one row to <paramref name="writer"/> and gives its offset.</summary>
    internal static int Append(ReadOnlySpan<byte> line, TupleWriter writer)
    {
        var offset = writer.Begin();
        while (true)
        {
            // An escaped tab is written as \t, so a raw one always ends a value.
            var end = line.IndexOf((byte)'\t');
            AppendValue(end < 0 ? line : line[..end], writer);
            if (end < 0) return offset;
            line = line[(end + 1)..];
        }
    }

    private static void AppendValue(ReadOnlySpan<byte> value, TupleWriter writer)
    {
        if (value.SequenceEqual("\\N"u8))
        {
            writer.Null();
            return;
        }

        var text = writer.BeginText(value.Length);
        var length = value.IndexOf((byte)'\\') < 0 ? Copy(value, text) : Unescape(value, text);
        writer.EndText(value.Length, length);
    }

    private static int Copy(ReadOnlySpan<byte> value, Span<byte> text)
    {
        value.CopyTo(text);
        return value.Length;
    }

    private static int Unescape(ReadOnlySpan<byte> value, Span<byte> text)
    {
        var length = 0;
        while (true)
        {
            var slash = value.IndexOf((byte)'\\');
            if (slash < 0)
            {
                value.CopyTo(text[length..]);
                return length + value.Length;
            }

            value[..slash].CopyTo(text[length..]);
            length += slash;
            if (slash + 1 == value.Length) throw new BadDataException("A row of COPY ends in a lone backslash, which its text form doesn't allow.");
            text[length++] = Unescape(value[slash + 1]);
            value = value[(slash + 2)..];
        }
    }

    // What COPY TO writes; octal and hexadecimal escapes are only read by COPY FROM.
    private static byte Unescape(byte letter) => (char)letter switch
    {
        'b' => (byte)'\b',
        'f' => (byte)'\f',
        'n' => (byte)'\n',
        'r' => (byte)'\r',
        't' => (byte)'\t',
        'v' => (byte)'\v',
        _ => letter,
    };
}
