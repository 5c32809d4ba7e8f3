using System.Runtime.CompilerServices;

namespace Pathway.Engine;

/// <summary>A sum of whole numbers in 128 bits: whether it fits into 64 is asked of the sum, not of what it was on the way, so that no order of rows can overflow.</summary>
/// <param name="Low">The lower 64 bits, with sign.</param>
/// <param name="High">How often the lower ones passed their bounds.</param>
public readonly record struct WideSum(long Low, long High)
{
    /// <summary>The sum.</summary>
    /// <exception cref="OverflowException">It doesn't fit into 64 bits.</exception>
    public long Value => High == 0 ? Low : throw new OverflowException($"The sum {Exact} doesn't fit into 64 bits. Sum decimals instead: .Sum(x => (decimal)x).");

    /// <summary>The sum, whatever its size.</summary>
    public Int128 Exact => ((Int128)High << 64) + Low;

    /// <summary>The sum with <paramref name="value"/> added <paramref name="weight"/> times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WideSum Plus(long value, long weight)
    {
        if (weight == 1)
        {
            var low = unchecked(Low + value);
            if (((Low ^ low) & (value ^ low)) >= 0) return new(low, High);
        }
        else if (weight == -1)
        {
            var low = unchecked(Low - value);
            if (((Low ^ value) & (Low ^ low)) >= 0) return new(low, High);
        }

        return PlusMany(value, weight);
    }

    private WideSum PlusMany(long value, long weight)
    {
        var sum = Exact + ((Int128)value * weight);
        var low = (long)(ulong)(sum & ulong.MaxValue);
        return new(low, (long)((sum - low) >> 64));
    }
}
