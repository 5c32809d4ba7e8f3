using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Set and multiset operations over two tables: how often a row comes out is a function of how often each side has it.</summary>
/// <remarks>State: for each row how often each side has it.</remarks>
public sealed class Combine<TRow, TRule>(Batch<TRow> left, Batch<TRow> right, KeyedState<TRow, (long Left, long Right)> state) : Operator<TRow>
    where TRow : notnull
    where TRule : struct, ICombineRule
{
    /// <inheritdoc/>
    public override IEnumerable<Delta<TRow>> Contents()
    {
        foreach (var (row, counts) in state.Stored())
            if (TRule.Weight(counts.Left, counts.Right) is var weight && weight != 0) yield return new(row, weight);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = left.Rows;
        state.Fetch(rows, static row => row);
        for (var i = 0; i < rows.Length; i++) Add(in rows[i], left.WeightAt(i), 0);
        rows = right.Rows;
        state.Fetch(rows, static row => row);
        for (var i = 0; i < rows.Length; i++) Add(in rows[i], 0, right.WeightAt(i));
    }

    private void Add(in TRow row, long leftWeight, long rightWeight)
    {
        ref var counts = ref state.GetOrAdd(in row, out _);
        var before = TRule.Weight(counts.Left, counts.Right);
        counts = checked((counts.Left + leftWeight, counts.Right + rightWeight));
        Output.Add(in row, TRule.Weight(counts.Left, counts.Right) - before);
        if (counts is (0, 0)) state.Remove(in row);
    }
}

/// <summary>How often a row comes out of a set operation. Of none on both sides nothing comes.</summary>
public interface ICombineRule
{
    /// <summary>How often the row comes out that the left side has <paramref name="left"/> times and the right side <paramref name="right"/> times.</summary>
    static abstract long Weight(long left, long right);
}

/// <summary>Once if either side has it.</summary>
public readonly struct UnionRule : ICombineRule
{
    /// <inheritdoc/>
    public static long Weight(long left, long right) => left > 0 || right > 0 ? 1 : 0;
}

/// <summary>Once if both sides have it.</summary>
public readonly struct IntersectRule : ICombineRule
{
    /// <inheritdoc/>
    public static long Weight(long left, long right) => left > 0 && right > 0 ? 1 : 0;
}

/// <summary>Once if only the left side has it.</summary>
public readonly struct ExceptRule : ICombineRule
{
    /// <inheritdoc/>
    public static long Weight(long left, long right) => left > 0 && right <= 0 ? 1 : 0;
}

/// <summary>As often as both sides have it.</summary>
public readonly struct IntersectAllRule : ICombineRule
{
    /// <inheritdoc/>
    public static long Weight(long left, long right) => Math.Max(0, Math.Min(left, right));
}

/// <summary>As often as the left side has it more often than the right one.</summary>
public readonly struct ExceptAllRule : ICombineRule
{
    /// <inheritdoc/>
    public static long Weight(long left, long right) => Math.Max(0, left - Math.Max(0, right));
}
