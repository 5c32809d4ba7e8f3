using System.Text;

namespace Pathway.Storage;

/// <summary>A byte for null, then UTF-8 up to a zero byte; the bytes 0 and 1 of the text are written as 1 1 and 1 2.</summary>
internal sealed class StringKeyCodec : KeyCodec<string>
{
    public override bool IsExact => true;

    public override void Write(in string key, ByteBuffer output)
    {
        if (key is null)
        {
            output.Append((byte)0);
            return;
        }

        output.Append((byte)1);
        var start = output.Length;
        var length = Utf8Text.Append(key, output);
        if (output.Span.Slice(start, length).IndexOfAnyInRange((byte)0, (byte)1) >= 0) Escape(output, start);
        output.Append((byte)0);
    }

    public override string Read(ref ReadOnlySpan<byte> rest)
    {
        var isNull = rest[0] == 0;
        rest = rest[1..];
        if (isNull) return null!;
        var end = rest.IndexOf((byte)0);
        var text = rest[..end];
        rest = rest[(end + 1)..];
        return text.Contains((byte)1) ? Unescape(text) : Encoding.UTF8.GetString(text);
    }

    private static void Escape(ByteBuffer output, int start)
    {
        var text = output.Span[start..].ToArray();
        output.Truncate(start);
        foreach (var b in text)
        {
            if (b <= 1) output.Append((byte)1);
            output.Append(b <= 1 ? (byte)(b + 1) : b);
        }
    }

    private static string Unescape(ReadOnlySpan<byte> escaped)
    {
        var text = new byte[escaped.Length];
        var length = 0;
        for (var i = 0; i < escaped.Length; i++) text[length++] = escaped[i] == 1 ? (byte)(escaped[++i] - 1) : escaped[i];
        return Encoding.UTF8.GetString(text, 0, length);
    }
}
