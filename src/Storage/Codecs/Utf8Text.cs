using System.Text;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Text as UTF-8 without loss: what isn't valid UTF-16 is refused, since two such texts would become one.</summary>
internal static class Utf8Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Appends <paramref name="text"/>; gives the number of bytes.</summary>
    public static int Append(string text, ByteBuffer output)
    {
        try
        {
            var length = Strict.GetByteCount(text);
            return Strict.GetBytes(text, output.Extend(length));
        }
        catch (EncoderFallbackException e)
        {
            throw Invalid(e);
        }
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
            throw Invalid(e);
        }
    }

    private static BadDataException Invalid(EncoderFallbackException e) => new($"A text has half of a surrogate pair at character {e.Index}, which no encoding can keep. Clean it before it becomes a key or a row.", e);
}
