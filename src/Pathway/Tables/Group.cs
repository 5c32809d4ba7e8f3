using Pathway.Core;
using Pathway.Engine;

namespace Pathway;

/// <summary>A group inside of the expression that gives its row: its key, and the reducers over its rows.</summary>
/// <remarks>
/// It only ever stands in an expression, where the reducers are found and become accumulators; nothing here is called. Counts, sums and averages keep a number for each group; the others, unless they say
/// otherwise, keep the values that they look at, ordered, so that the next one is there when one goes. Over the same value they share that state. Over rows that only ever come, extremes keep one value.
/// Sums, averages, minima and maxima leave nulls out, as in LINQ.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The rows of the group.</typeparam>
public sealed class Group<TKey, TRow>
{
    private Group()
    {
    }

    /// <summary>The key of the group.</summary>
    public TKey Key => throw Called(nameof(Key));

    /// <summary>How many rows it has.</summary>
    public long Count() => throw Called(nameof(Count));

    /// <summary>How many of its rows <paramref name="predicate"/> is true for.</summary>
    public long Count(Func<TRow, bool> predicate) => throw Called(nameof(Count));

    /// <summary>The sum of whole numbers; one that doesn't fit stops the pipeline, in whatever order the rows come.</summary>
    public int Sum(Func<TRow, int> value) => throw Called(nameof(Sum));

    /// <inheritdoc cref="Sum(Func{TRow, int})"/>
    public long Sum(Func<TRow, long> value) => throw Called(nameof(Sum));

    /// <summary>The sum of decimals, without trailing zeros.</summary>
    public decimal Sum(Func<TRow, decimal> value) => throw Called(nameof(Sum));

    /// <summary>The sum of floating-point numbers: that of the rows present, correctly rounded, whatever came and went before. It costs more than <see cref="SumFast"/>, which may drift.</summary>
    public double Sum(Func<TRow, double> value) => throw Called(nameof(Sum));

    /// <inheritdoc cref="Sum(Func{TRow, int})"/>
    public int Sum(Func<TRow, int?> value) => throw Called(nameof(Sum));

    /// <inheritdoc cref="Sum(Func{TRow, int})"/>
    public long Sum(Func<TRow, long?> value) => throw Called(nameof(Sum));

    /// <inheritdoc cref="Sum(Func{TRow, decimal})"/>
    public decimal Sum(Func<TRow, decimal?> value) => throw Called(nameof(Sum));

    /// <inheritdoc cref="Sum(Func{TRow, double})"/>
    public double Sum(Func<TRow, double?> value) => throw Called(nameof(Sum));

    /// <summary>The sum of floating-point numbers as they come and go: rounding errors stay, and what was infinite or not a number never heals.</summary>
    public double SumFast(Func<TRow, double> value) => throw Called(nameof(SumFast));

    /// <summary>The average.</summary>
    public double Average(Func<TRow, int> value) => throw Called(nameof(Average));

    /// <inheritdoc cref="Average(Func{TRow, int})"/>
    public double Average(Func<TRow, long> value) => throw Called(nameof(Average));

    /// <inheritdoc cref="Average(Func{TRow, int})"/>
    public decimal Average(Func<TRow, decimal> value) => throw Called(nameof(Average));

    /// <summary>The average: the exact sum, rounded, divided by the count.</summary>
    public double Average(Func<TRow, double> value) => throw Called(nameof(Average));

    /// <summary>The average of what isn't null; null if everything is.</summary>
    public double? Average(Func<TRow, int?> value) => throw Called(nameof(Average));

    /// <inheritdoc cref="Average(Func{TRow, int?})"/>
    public double? Average(Func<TRow, long?> value) => throw Called(nameof(Average));

    /// <inheritdoc cref="Average(Func{TRow, int?})"/>
    public decimal? Average(Func<TRow, decimal?> value) => throw Called(nameof(Average));

    /// <inheritdoc cref="Average(Func{TRow, int?})"/>
    public double? Average(Func<TRow, double?> value) => throw Called(nameof(Average));

    /// <summary>The least value; strings are compared by code point.</summary>
    public TValue Min<TValue>(Func<TRow, TValue> value) => throw Called(nameof(Min));

    /// <summary>The greatest value; strings are compared by code point.</summary>
    public TValue Max<TValue>(Func<TRow, TValue> value) => throw Called(nameof(Max));

    /// <summary>The row whose <paramref name="by"/> is the least; of several, the least row, member by member.</summary>
    public TRow MinBy<TOrder>(Func<TRow, TOrder> by) => throw Called(nameof(MinBy));

    /// <summary>The row whose <paramref name="by"/> is the greatest; of several, the greatest row, member by member.</summary>
    public TRow MaxBy<TOrder>(Func<TRow, TOrder> by) => throw Called(nameof(MaxBy));

    /// <summary>A value of some row: the least one that isn't null, so that it is the same whenever the rows are.</summary>
    public TValue AnyValue<TValue>(Func<TRow, TValue> value) => throw Called(nameof(AnyValue));

    /// <summary>The value that all rows share; two different ones stop the pipeline.</summary>
    public TValue Unique<TValue>(Func<TRow, TValue> value) => throw Called(nameof(Unique));

    /// <summary>The values of all rows, ascending.</summary>
    public ValueList<TValue> ToSortedList<TValue>(Func<TRow, TValue> value) => throw Called(nameof(ToSortedList));

    /// <summary>The values of all rows, in the order of <paramref name="by"/>; those with an equal one, in their own order.</summary>
    public ValueList<TValue> ToList<TOrder, TValue>(Func<TRow, TOrder> by, Func<TRow, TValue> value) => throw Called(nameof(ToList));

    /// <summary>How many different values; null is one.</summary>
    public long CountDistinct<TValue>(Func<TRow, TValue> value) => throw Called(nameof(CountDistinct));

    /// <summary>How many different values the rows have for which <paramref name="predicate"/> is true; null isn't counted.</summary>
    public long CountDistinct<TValue>(Func<TRow, TValue> value, Func<TRow, bool> predicate) => throw Called(nameof(CountDistinct));

    /// <summary>About how many different values, by HyperLogLog: the state holds at most some entries for each of 2^<paramref name="precision"/> registers. The standard error is 1.04 / √2^precision.</summary>
    /// <param name="value">The value.</param>
    /// <param name="precision">4 to 18; 12 gives 1.6 %.</param>
    public long CountDistinctApproximate<TValue>(Func<TRow, TValue> value, int precision) => throw Called(nameof(CountDistinctApproximate));

    /// <summary>The <paramref name="count"/> rows whose <paramref name="by"/> is the greatest, the greatest first.</summary>
    public ValueList<TRow> Top<TOrder>(int count, Func<TRow, TOrder> by) => throw Called(nameof(Top));

    /// <summary>The least value that at least the share <paramref name="share"/> (0.5 for the median) of the values doesn't exceed.</summary>
    public TValue Percentile<TValue>(Func<TRow, TValue> value, double share) => throw Called(nameof(Percentile));

    /// <summary>The value of the row that came first. Only over rows that never go; keeps one value.</summary>
    public TValue Earliest<TValue>(Func<TRow, TValue> value) => throw Called(nameof(Earliest));

    /// <summary>The value of the row that came last. Only over rows that never go; keeps one value.</summary>
    public TValue Latest<TValue>(Func<TRow, TValue> value) => throw Called(nameof(Latest));

    /// <summary>A fold over the rows as they come. Only over rows that never go; keeps one value.</summary>
    public TValue Fold<TValue>(TValue seed, Func<TValue, TRow, TValue> add) => throw Called(nameof(Fold));

    /// <summary>A reducer of your own that can take rows back.</summary>
    public TResult Reduce<TAccumulator, TResult>(IReducer<TRow, TAccumulator, TResult> reducer) => throw Called(nameof(Reduce));

    /// <summary>Any function over all rows of the group, computed anew whenever it changes: for reducers that can't take a row back. The rows come in their order, member by member.</summary>
    public TResult Compute<TResult>(Func<IEnumerable<TRow>, TResult> compute) => throw Called(nameof(Compute));

    private static InvariantException Called(string member) => new($"Group.{member} stands for a reducer and can't be called.");
}
