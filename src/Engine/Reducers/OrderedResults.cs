using System.IO.Hashing;
using System.Numerics;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What reducers make of the values of a group in their order. Without values they give the default (null), or an empty list.</summary>
public static class OrderedResults
{
    /// <summary>The least value.</summary>
    public static TValue? First<TValue>(SortedRows<TValue> values) => values.Count == 0 ? default : values.First.Row;

    /// <summary>The greatest value.</summary>
    public static TValue? Last<TValue>(SortedRows<TValue> values) => values.Count == 0 ? default : values.Last.Row;

    /// <summary>The only value.</summary>
    /// <exception cref="InvalidOperationException">There are several.</exception>
    public static TValue Unique<TValue>(SortedRows<TValue> values) => values.Count == 1
        ? values.First.Row
        : throw new InvalidOperationException($"Unique finds {values.Count} different values in a group, among them {values.First.Row} and {values.Last.Row}.");

    /// <summary>How many different values.</summary>
    public static long CountDistinct<TValue>(SortedRows<TValue> values) => values.Count;

    /// <summary>All values, ascending.</summary>
    public static ValueList<TValue> List<TValue>(SortedRows<TValue> values) => All(values).ToValueList();

    /// <summary>The values of pairs that are ordered by their first part.</summary>
    public static ValueList<TValue> ListOfSecond<TOrder, TValue>(SortedRows<(TOrder By, TValue Value)> values) => All(values).Select(static v => v.Value).ToValueList();

    /// <summary>The value of the least pair.</summary>
    public static TValue SecondOfFirst<TOrder, TValue>(SortedRows<(TOrder By, TValue Value)> values) => values.Count == 0 ? default! : values.First.Row.Value;

    /// <summary>The value of the greatest pair.</summary>
    public static TValue SecondOfLast<TOrder, TValue>(SortedRows<(TOrder By, TValue Value)> values) => values.Count == 0 ? default! : values.Last.Row.Value;

    /// <summary>The values of the greatest <paramref name="count"/> pairs, the greatest first.</summary>
    public static ValueList<TValue> Top<TOrder, TValue>(SortedRows<(TOrder By, TValue Value)> values, int count) => Descending(values).Take(count).Select(static v => v.Value).ToValueList();

    /// <summary>The least value that at least the share <paramref name="share"/> of all values doesn't exceed.</summary>
    public static TValue? Percentile<TValue>(SortedRows<TValue> values, double share) =>
        values.Weight <= 0 ? default : values.AtRank(Math.Clamp((long)Math.Ceiling(share * values.Weight) - 1, 0, values.Weight - 1));

    /// <summary>About how many different values there are, from <see cref="RegisterOf"/> of each (HyperLogLog).</summary>
    public static long CountDistinctApproximate(SortedRows<int> registers, int precision)
    {
        // Ascending: the last rank of a register is its greatest.
        var count = 1 << precision;
        var (sum, empty, last) = (0.0, count, -1);
        var rank = 0;
        foreach (var code in All(registers).Distinct())
        {
            if (code >> 6 != last && last >= 0) (sum, empty) = (sum + Math.ScaleB(1, -rank), empty - 1);
            (last, rank) = (code >> 6, code & 63);
        }

        if (last >= 0) (sum, empty) = (sum + Math.ScaleB(1, -rank), empty - 1);
        var estimate = (0.7213 / (1 + (1.079 / count))) * count * count / (sum + empty);
        if (estimate <= 2.5 * count && empty > 0) estimate = count * Math.Log((double)count / empty);
        return (long)Math.Round(estimate);
    }

    /// <summary>The register and rank that a value stands for: the register's number, then six bits of rank.</summary>
    public static int RegisterOf<TValue>(TValue value, int precision)
    {
        using var bytes = new ByteBuffer(64);
        KeyCodec<TValue>.Default.Write(in value, bytes);
        var hash = XxHash3.HashToUInt64(bytes.Span);
        var register = (int)(hash >> 64 - precision);
        return register << 6 | Math.Min(BitOperations.LeadingZeroCount(hash << precision), 64 - precision) + 1;
    }

    /// <summary>All values, ascending, each as often as it is there.</summary>
    public static IEnumerable<TValue> All<TValue>(SortedRows<TValue> values)
    {
        for (var run = 0; run < values.Runs; run++)
            for (var at = 0; at < values.RowsOf(run).Length; at++)
                for (var times = values.RowsOf(run)[at].Weight; times > 0; times--) yield return values.RowsOf(run)[at].Row;
    }

    private static IEnumerable<TValue> Descending<TValue>(SortedRows<TValue> values)
    {
        for (var run = values.Runs - 1; run >= 0; run--)
            for (var at = values.RowsOf(run).Length - 1; at >= 0; at--)
                for (var times = values.RowsOf(run)[at].Weight; times > 0; times--) yield return values.RowsOf(run)[at].Row;
    }
}
