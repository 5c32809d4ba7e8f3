using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads numbers as Postgres prints numeric, without a limit on their digits.</summary>
internal static class DecimalText
{
    private const int FastDigits = 36;                            // fits an Int128 for certain, scaled or not

    /// <summary>Whether the text is NaN, Infinity or -Infinity.</summary>
    public static bool IsSpecial(ReadOnlySpan<byte> text) => !text.IsEmpty && text[^1] is (byte)'N' or (byte)'y';

    /// <summary>How many digits stand behind the decimal point, without trailing zeros.</summary>
    public static int ScaleWithoutZeros(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        return point < 0 ? 0 : text[(point + 1)..].TrimEnd((byte)'0').Length;
    }

    /// <summary>Whether <paramref name="text"/> is a number that <paramref name="scale"/> digits behind the decimal point hold without rounding.</summary>
    public static bool Fits(ReadOnlySpan<byte> text, int scale)
    {
        var digits = text.TrimStart((byte)'-');
        if (digits.IsEmpty || digits.IndexOfAnyExcept("0123456789."u8) >= 0 || digits.Count((byte)'.') > 1) return false;
        return ScaleWithoutZeros(text) <= Math.Max(scale, 0);
    }

    /// <summary>Writes value × 10^<paramref name="scale"/> as two's complement, highest byte first.</summary>
    public static void Write(scoped ReadOnlySpan<byte> text, int scale, ref RecordOutput output)
    {
        var point = text.IndexOf((byte)'.');
        if (scale >= 0 && (point < 0 ? text.Length : point) + scale <= FastDigits)
        {
            Write(ReadSmall(text, scale), ref output);
            return;
        }

        var large = ReadLarge(text, scale);
        var rented = ArrayPool<byte>.Shared.Rent(large.GetByteCount());
        if (!large.TryWriteBytes(rented, out var written, isUnsigned: false, isBigEndian: true)) throw new InvariantException("A number of known size didn't fit.");
        output.Bytes(rented.AsSpan(0, written));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Writes the number with <paramref name="scale"/> digits behind the decimal point, as Java's BigDecimal prints it: with an exponent where it would begin with more than six zeros.</summary>
    public static void WriteNumber(scoped ReadOnlySpan<byte> text, int scale, ref RecordOutput output)
    {
        var unscaled = ReadLarge(text, scale);
        if (unscaled.Sign < 0) output.Raw("-"u8);
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture);
        var exponent = digits.Length - 1 - scale;
        if (scale >= 0 && exponent >= -6)
        {
            var padded = digits.PadLeft(scale + 1, '0');
            output.Raw(Encoding.ASCII.GetBytes(scale == 0 ? padded : padded.Insert(padded.Length - scale, ".")));
            return;
        }

        output.Raw(Encoding.ASCII.GetBytes(digits.Length == 1 ? digits : digits.Insert(1, ".")));
        if (exponent != 0) output.Raw(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"E{exponent:+0;-0}")));
    }

    private static void Write(Int128 value, ref RecordOutput output)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, value);
        var sign = value < 0 ? (byte)0xFF : (byte)0;
        var start = 0;
        while (start < 15 && bytes[start] == sign && ((bytes[start + 1] ^ sign) & 0x80) == 0) start++;
        output.Bytes(bytes[start..]);
    }

    private static Int128 ReadSmall(ReadOnlySpan<byte> text, int scale)
    {
        var negative = text[0] == '-';
        var rest = negative ? text[1..] : text;
        ulong high = 0, low = 0;                                  // two parts of up to 18 digits: 64-bit arithmetic is much faster
        int taken = 0, behindPoint = 0;
        var pointSeen = false;
        foreach (var character in rest)
        {
            if (character == '.') { pointSeen = true; continue; }
            if (pointSeen && behindPoint == scale) break;
            if (pointSeen) behindPoint++;
            Take((uint)(character - '0'), ref high, ref low, ref taken);
        }

        for (; behindPoint < scale; behindPoint++) Take(0, ref high, ref low, ref taken);
        Int128 value = taken <= 18 ? low : ((Int128)high * PowerOfTen(taken - 18)) + low;
        return negative ? -value : value;
    }

    private static void Take(uint digit, ref ulong high, ref ulong low, ref int taken)
    {
        if (digit > 9) throw new BadDataException("A numeric value isn't in the form that Postgres prints.");
        if (taken == 18) (high, low) = (low, 0);
        low = (low * 10) + digit;
        taken++;
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong power = 1;
        for (var i = 0; i < exponent; i++) power *= 10;
        return power;
    }

    private static BigInteger ReadLarge(ReadOnlySpan<byte> text, int scale)
    {
        var point = text.IndexOf((byte)'.');
        var whole = Encoding.ASCII.GetString(point < 0 ? text : text[..point]);
        var fraction = point < 0 ? "" : Encoding.ASCII.GetString(text[(point + 1)..]);
        if (scale >= 0) return BigInteger.Parse(whole + fraction[..Math.Min(scale, fraction.Length)].PadRight(scale, '0'), CultureInfo.InvariantCulture);
        return BigInteger.Divide(BigInteger.Parse(whole, CultureInfo.InvariantCulture), BigInteger.Pow(10, -scale));
    }
}
