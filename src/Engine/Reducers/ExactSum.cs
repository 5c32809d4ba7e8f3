using System.Numerics;
using Pathway.Core;

namespace Pathway.Engine;

/// <summary>A sum of floating-point numbers without any rounding: what came and went before leaves no trace in it.</summary>
/// <remarks>
/// A whole number times a power of two, in 128 bits as long as that holds it: numbers of like size take nothing else. Numbers that lie further apart than about 2^70, infinities and
/// not-a-number are kept on the heap.
/// </remarks>
/// <param name="Mantissa">The whole number.</param>
/// <param name="Exponent">The power of two.</param>
/// <param name="Beyond">What doesn't fit; null for nothing.</param>
public readonly record struct ExactSum(Int128 Mantissa, int Exponent, ExactSumBeyond? Beyond)
{
    private const int Room = 126, LeastExponent = -1074;

    /// <summary>The sum, correctly rounded (half to even).</summary>
    public double Value
    {
        get
        {
            if (Beyond is null) return Round(Mantissa, Exponent);
            if (Beyond.NotNumbers != 0 || (Beyond.PositiveInfinities != 0 && Beyond.NegativeInfinities != 0)) return double.NaN;
            if (Beyond.PositiveInfinities != 0) return double.PositiveInfinity;
            if (Beyond.NegativeInfinities != 0) return double.NegativeInfinity;
            return Round(Beyond.Whole + Shifted(Mantissa, Exponent), LeastExponent);
        }
    }

    /// <summary>The sum with <paramref name="value"/> added <paramref name="weight"/> times.</summary>
    public ExactSum Plus(double value, long weight)
    {
        if (value == 0 || weight == 0) return this;
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        if (exponent == 0x7FF) return With((Beyond ?? ExactSumBeyond.None).Plus(value, weight));
        var fraction = bits & (1L << 52) - 1;
        if (exponent == 0) exponent = 1;
        else fraction |= 1L << 52;
        var zeros = BitOperations.TrailingZeroCount(fraction);
        var whole = (Int128)(bits < 0 ? -(fraction >> zeros) : fraction >> zeros) * weight;
        exponent += zeros - 1075;
        if (Mantissa == 0) return this with { Mantissa = whole, Exponent = exponent };
        var least = Math.Min(exponent, Exponent);
        if (Fits(whole, exponent - least) && Fits(Mantissa, Exponent - least))
            return this with { Mantissa = (Mantissa << Exponent - least) + (whole << exponent - least), Exponent = least };
        return With((Beyond ?? ExactSumBeyond.None).Plus(Shifted(Mantissa, Exponent) + Shifted(whole, exponent))) with { Mantissa = 0, Exponent = 0 };
    }

    private static bool Fits(Int128 whole, int shift) => shift < Room && Int128.Abs(whole) >> Room - 1 - shift == 0;

    private static BigInteger Shifted(Int128 whole, int exponent) => (BigInteger)whole << exponent - LeastExponent;

    private static double Round(BigInteger whole, int exponent)
    {
        var length = (int)BigInteger.Abs(whole).GetBitLength();
        if (length <= 53) return Math.ScaleB((double)(long)whole, exponent);
        var shift = length - 53;
        var size = BigInteger.Abs(whole);
        var kept = (long)(size >> shift);
        var rest = size - ((BigInteger)kept << shift);
        var half = BigInteger.One << shift - 1;
        if (rest > half || (rest == half && (kept & 1) != 0)) kept++;
        return Math.ScaleB(whole.Sign < 0 ? -(double)kept : kept, exponent + shift);
    }

    private ExactSum With(ExactSumBeyond beyond) => this with { Beyond = beyond.IsNone ? null : beyond };
}

/// <summary>What an exact sum has beside its 128 bits.</summary>
/// <param name="Bytes">A whole number in units of the least floating-point number, little endian.</param>
/// <param name="NotNumbers">How often not-a-number is in the sum.</param>
/// <param name="PositiveInfinities">How often +∞ is.</param>
/// <param name="NegativeInfinities">How often -∞ is.</param>
public sealed record ExactSumBeyond(ValueList<byte> Bytes, long NotNumbers, long PositiveInfinities, long NegativeInfinities)
{
    internal static readonly ExactSumBeyond None = new([0], 0, 0, 0);

    internal BigInteger Whole => new(Bytes.Span);

    internal bool IsNone => Equals(None);

    internal ExactSumBeyond Plus(BigInteger whole) => this with { Bytes = ValueList.Of<byte>((Whole + whole).ToByteArray()) };

    internal ExactSumBeyond Plus(double value, long weight) => double.IsNaN(value) ? this with { NotNumbers = NotNumbers + weight }
        : value > 0 ? this with { PositiveInfinities = PositiveInfinities + weight }
        : this with { NegativeInfinities = NegativeInfinities + weight };
}
