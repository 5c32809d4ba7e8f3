using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Text as UTF-8 without loss: what isn't valid UTF-16 is refused, since two such texts would become one.</summary>
internal static class Utf8Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Appends <paramref name="text"/>; gives the number of bytes.</summary>
    public static int Append(string text, ByteBuffer output)
    {
        var start = output.Length;
        if (Utf8.FromUtf16(text, output.Extend(checked(3 * text.Length)), out var read, out var written, replaceInvalidSequences: false) != OperationStatus.Done) throw Invalid(read, null);
        output.Truncate(start + written);
        return written;
    }

    /// <summary>How many bytes <paramref name="text"/> needs.</summary>
    public static int Count(string text)
    {
        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException e)
        {
            throw Invalid(e.Index, e);
        }
    }

    private static BadDataException Invalid(int at, Exception? e) =>
        new($"A text has half of a surrogate pair at character {at}, which no encoding can keep. Clean it before it becomes a key or a row.", e);
}
