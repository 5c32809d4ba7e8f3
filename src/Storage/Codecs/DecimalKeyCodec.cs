using System.Buffers.Binary;

namespace Pathway.Storage;

/// <summary>Numeric order whatever the scale: a byte of sign and magnitude, then the digits from the first one on.</summary>
internal sealed class DecimalKeyCodec : KeyCodec<decimal>
{
    private const int Digits = 29;
    private const int DigitBytes = 13;    // 29 digits need 97 bits
    private const byte Zero = 0x80;
    private const int Middle = 32;

    private static readonly UInt128[] PowersOfTen = Powers();

    public override bool IsExact => false;

    public override void Write(in decimal key, ByteBuffer output)
    {
        if (key == 0)
        {
            output.Append(Zero);
            return;
        }

        Span<int> parts = stackalloc int[4];
        decimal.GetBits(key, parts);
        var number = new UInt128((uint)parts[2], (ulong)(uint)parts[1] << 32 | (uint)parts[0]);
        var scale = parts[3] >> 16 & 0xFF;
        var count = CountDigits(number);
        var magnitude = (byte)(count - scale + Middle);    // value = 0.digits × 10^(count - scale)
        var isNegative = parts[3] < 0;
        var bytes = output.Extend(1 + DigitBytes);
        bytes[0] = (byte)(isNegative ? Zero - magnitude : Zero + magnitude);
        WriteDigits(number * PowersOfTen[Digits - count], bytes[1..]);
        if (isNegative)
            foreach (ref var b in bytes[1..]) b = (byte)~b;
    }

    public override decimal Read(ref ReadOnlySpan<byte> rest)
    {
        int head = rest[0];
        rest = rest[1..];
        if (head == Zero) return 0;
        var isNegative = head < Zero;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        rest[..DigitBytes].CopyTo(bytes[^DigitBytes..]);
        rest = rest[DigitBytes..];
        if (isNegative)
            foreach (ref var b in bytes[^DigitBytes..]) b = (byte)~b;
        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        var scale = Digits - ((isNegative ? Zero - head : head - Zero) - Middle);    // value = number × 10^-scale
        while (scale > 0 && number % 10 == 0)
        {
            number /= 10;
            scale--;
        }

        while (scale < 0)
        {
            number *= 10;
            scale++;
        }

        return new decimal((int)(uint)number, (int)(uint)(number >> 32), (int)(uint)(number >> 64), isNegative, (byte)scale);
    }

    private static void WriteDigits(UInt128 digits, Span<byte> bytes)
    {
        Span<byte> wide = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(wide, digits);
        wide[^DigitBytes..].CopyTo(bytes);
    }

    private static int CountDigits(UInt128 number)
    {
        var count = 1;
        while (count < Digits && number >= PowersOfTen[count]) count++;
        return count;
    }

    private static UInt128[] Powers()
    {
        var powers = new UInt128[Digits + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++) powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
