using CsCheck;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>Reducers: the law, alone and several in one pass.</summary>
[Trait("suite", "unit")]
public sealed class ReducerTests
{
    public sealed record Stats(int Pieces, long Long, decimal Money, double Exact, double Average, decimal AverageMoney, double? AverageGroup, long Positive, int Groups);

    public sealed record Extremes(int Min, int Max, int? MinGroup, string? MaxText, Item First, Item Last, string? Any);

    public sealed record Lists(ValueList<int> Sorted, ValueList<string?> ByValue, ValueList<Item> Top, int Median, long Distinct, long Approximate);

    [Fact]
    public void LinearReducers_AnyHistory_EqualLinq() => TableLaw.Holds(
        t => t.A.GroupBy(i => i.Id).Select(g => new Stats(
            g.Sum(i => i.Value), g.Sum(i => (long)i.Value * 1_000_000_007), g.Sum(i => i.Value / 4m), g.Sum(i => i.Value * 0.1), g.Average(i => i.Value), g.Average(i => i.Value / 4m),
            g.Average(i => i.Group), g.Count(i => i.Value > 0), g.Sum(i => i.Group))),
        p => p.A.GroupBy(i => i.Id).Select(g => KeyValuePair.Create(g.Key, new Stats(
            g.Sum(i => i.Value), g.Sum(i => (long)i.Value * 1_000_000_007), g.Sum(i => i.Value / 4m), RoundedSum(g.Select(i => i.Value * 0.1)), g.Average(i => i.Value),
            LinearReducers.WithoutTrailingZeros(g.Average(i => i.Value / 4m)), g.Average(i => i.Group), g.Count(i => i.Value > 0), g.Sum(i => i.Group) ?? 0))));

    [Fact]
    public void Extremes_AnyHistory_EqualLinq() => TableLaw.Holds(
        t => t.A.GroupBy(i => i.Id % 2).Select(g => new Extremes(
            g.Min(i => i.Value), g.Max(i => i.Value), g.Min(i => i.Group), g.Max(i => i.Text), g.MinBy(i => i.Value), g.MaxBy(i => i.Group), g.AnyValue(i => i.Text))),
        p => p.A.GroupBy(i => i.Id % 2).Select(g => KeyValuePair.Create(g.Key, new Extremes(
            g.Min(i => i.Value), g.Max(i => i.Value), g.Min(i => i.Group), g.Select(i => i.Text).Where(t => t is not null).Max(ByCodePoint), Ordered(g, i => i.Value).First(), Ordered(g, i => i.Group).Last(),
            g.Select(i => i.Text).Min(ByCodePoint)))));

    [Fact]
    public void Lists_AnyHistory_EqualLinq() => TableLaw.Holds(
        t => t.A.GroupBy(i => i.Id % 2).Select(g => new Lists(
            g.ToSortedList(i => i.Value), g.ToList(i => i.Value, i => i.Text), g.Top(3, i => i.Value), g.Percentile(i => i.Value, 0.5), g.CountDistinct(i => i.Text), g.CountDistinctApproximate(i => i.Value, 12))),
        p => p.A.GroupBy(i => i.Id % 2).Select(g => KeyValuePair.Create(g.Key, new Lists(
            g.Select(i => i.Value).Order().ToValueList(), g.OrderBy(i => i.Value).ThenBy(i => i.Text, ByCodePoint).Select(i => i.Text).ToValueList(), Ordered(g, i => i.Value).Reverse().Take(3).ToValueList(),
            g.Select(i => i.Value).Order().ElementAt((int)Math.Ceiling(g.Count() * 0.5) - 1), g.Select(i => i.Text).Distinct().Count(), g.Select(i => i.Value).Distinct().Count()))));

    [Fact]
    public void OwnReducers_AnyHistory_EqualLinq() => TableLaw.Holds(
        t => t.A.GroupBy(i => i.Id, i => i.Value).Select(g => new { Squares = g.Reduce(default(SumOfSquares)), Text = g.Compute(values => string.Join(",", values)) }),
        p => p.A.GroupBy(i => i.Id, i => i.Value).Select(g => KeyValuePair.Create(g.Key, new { Squares = (double)g.Sum(v => v * v), Text = string.Join(",", g.Order()) })));

    [Fact]
    public void Aggregate_AnyHistory_EqualsLinqAndHasNoRowOverNothing() => TableLaw.Holds(
        t => t.A.Aggregate(all => new { Rows = all.Count(), Max = all.Max(i => i.Value) }).Rows(),
        p => p.A.Count == 0 ? [] : [new { Rows = (long)p.A.Count, Max = p.A.Max(i => i.Value) }]);

    [Fact]
    public void Min_ManyRows_StaysRightWhileTheyGo()
    {
        using var test = new TestPipeline();
        var numbers = test.Rows<int>("numbers");
        var output = test.Collect(numbers.Table.GroupBy(_ => 0).Select(g => new { Min = g.Min(n => n), Median = g.Percentile(n => n, 0.5), Max = g.Max(n => n) }));
        var random = new Random(7);
        var present = new List<int>();
        for (var epoch = 0; epoch < 300; epoch++)
        {
            for (var i = 0; i < 20; i++)
            {
                if (epoch < 150 || present.Count == 0)
                {
                    present.Add(random.Next(2_000));
                    numbers.Push(present[^1]);
                    continue;
                }

                var at = random.Next(present.Count);
                numbers.Push(present[at], -1);
                present.RemoveAt(at);
            }

            test.CloseEpoch();
            if (present.Count == 0) continue;
            present.Sort();
            Assert.Equal(new { Min = present[0], Median = present[(int)Math.Ceiling(present.Count * 0.5) - 1], Max = present[^1] }, output.Rows[0]);
        }
    }

    [Fact]
    public void ExactSum_AnyNumbers_IsTheRoundedSumOfThosePresent() => Gen.Select(Gen.Double.Array[0, 20], Gen.Double[-1000, 1000].Array[0, 20], Gen.Int[0, 40]).Sample((wild, tame, gone) =>
    {
        double[] all = [.. wild.Where(double.IsFinite), .. tame];
        var sum = default(ExactSum);
        foreach (var value in all) sum = sum.Plus(value, 1);
        foreach (var value in all.Take(gone)) sum = sum.Plus(value, -1);
        Assert.Equal(RoundedSum(all.Skip(gone)), sum.Value);
    });

    [Fact]
    public void ExactSum_InfinityAndNotANumberCameAndWent_HealsToZero()
    {
        var sum = default(ExactSum).Plus(double.NaN, 1).Plus(double.PositiveInfinity, 1).Plus(1e308, 3).Plus(1, 1);
        Assert.True(double.IsNaN(sum.Value));
        Assert.Equal(1, sum.Plus(double.NaN, -1).Plus(double.PositiveInfinity, -1).Plus(1e308, -3).Value);
    }

    [Fact]
    public void WideSum_AnyOrder_OverflowsOnlyWhereTheSumDoes() => Gen.Select(Gen.Long, Gen.Int[-3, 3]).Array[0, 12].Sample(values =>
    {
        var sum = values.Aggregate(default(WideSum), (s, v) => s.Plus(v.Item1, v.Item2));
        var exact = values.Aggregate((Int128)0, (s, v) => s + ((Int128)v.Item1 * v.Item2));
        Assert.Equal(exact, sum.Exact);
        if (exact == (long)exact) Assert.Equal((long)exact, sum.Value);
        else Assert.Throws<OverflowException>(() => sum.Value);
    });

    [Fact]
    public void EarliestLatestFold_RowsInOrder_AndNoRowTakenBack()
    {
        using var test = new TestPipeline();
        var items = test.Rows<Item>("items");
        var output = test.Collect(items.Table.GroupBy(i => i.Id).Select(g => new { First = g.Earliest(i => i.Text), Last = g.Latest(i => i.Text), All = g.Fold("", (s, i) => s + i.Text) }));
        foreach (var text in "cab") items.Push(new Item(1, null, 0, text.ToString()));
        test.CloseEpoch();
        Assert.Equal(new { First = (string?)"c", Last = (string?)"b", All = "cab" }, output.Rows[1]);
        items.Push(new Item(1, null, 0, "c"), -1);
        Assert.Contains("can't take a row back", Assert.Throws<BadDataException>(test.CloseEpoch).Message);
    }

    [Fact]
    public void Unique_TwoValues_Stops()
    {
        using var test = new TestPipeline();
        var items = test.Rows<Item>("items");
        var output = test.Collect(items.Table.GroupBy(i => i.Id).Select(g => g.Unique(i => i.Value)));
        items.Push(new Item(1, null, 5, "a"));
        items.Push(new Item(1, null, 5, "b"));
        test.CloseEpoch();
        Assert.Equal(5, output.Rows[1]);
        items.Push(new Item(1, null, 6, "b"));
        Assert.Contains("2 different values", Assert.Throws<BadDataException>(test.CloseEpoch).Message);
    }

    [Fact]
    public void CountDistinctApproximate_HundredThousandValues_IsWithinItsError()
    {
        using var test = new TestPipeline();
        var numbers = test.Rows<int>("numbers");
        var output = test.Collect(numbers.Table.Aggregate(all => all.CountDistinctApproximate(n => n, 12)));
        for (var i = 0; i < 100_000; i++) numbers.Push(i);
        test.CloseEpoch();
        Assert.InRange(output.Rows[true], 95_000, 105_000);
    }

    private static readonly IComparer<string?> ByCodePoint = Pathway.Storage.RowOrder.Of<string?>();

    private static IEnumerable<Item> Ordered<TOrder>(IEnumerable<Item> items, Func<Item, TOrder> by) => items.OrderBy(by).ThenBy(i => i.Id).ThenBy(i => i.Group).ThenBy(i => i.Value).ThenBy(i => i.Text, ByCodePoint);

    private static double RoundedSum(IEnumerable<double> values)
    {
        // As fractions over 2^1074, rounded by the BCL's own parsing of an exact decimal number.
        var whole = values.Aggregate(System.Numerics.BigInteger.Zero, (sum, v) => sum + Whole(v));
        var digits = System.Numerics.BigInteger.Abs(whole) * System.Numerics.BigInteger.Pow(5, 1074);
        var parsed = double.Parse($"{digits}E-1074", System.Globalization.CultureInfo.InvariantCulture);
        return whole.Sign < 0 ? -parsed : parsed;
    }

    private static System.Numerics.BigInteger Whole(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var fraction = (bits & (1L << 52) - 1) | (exponent == 0 ? 0 : 1L << 52);
        return (System.Numerics.BigInteger)(bits < 0 ? -fraction : fraction) << Math.Max(0, exponent - 1);
    }

    private readonly struct SumOfSquares : IReducer<int, double, double>
    {
        public void Add(ref double accumulator, in int row, long weight) => accumulator += (double)row * row * weight;

        public double Result(in double accumulator) => accumulator;
    }
}
