using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>Row by row, sets and multisets: the law, one test for each operation.</summary>
[Trait("suite", "unit")]
public sealed class RowwiseAndSetTests
{
    [Fact]
    public void SelectAndWhere_AnyHistory_EqualLinq() => TableLaw.Holds(
        t => t.A.Where(i => i.Value > 0).Select(i => i.Value),
        p => p.A.Where(i => i.Value > 0).Select(i => i.Value));

    [Fact]
    public void SelectMany_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => from i in t.A from c in i.Text ?? "" select new { i.Id, c },
        p => from i in p.A from c in i.Text ?? "" select new { i.Id, c });

    [Fact]
    public void Concat_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.A.Concat(t.B, t.K), p => p.A.Concat(p.B).Concat(p.K.Values));

    [Fact]
    public void Distinct_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.A.Select(i => i.Group).Select(g => new { g }).Distinct(), p => p.A.Select(i => new { g = i.Group }).Distinct());

    [Fact]
    public void Union_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.A.Union(t.B), p => p.A.Union(p.B));

    [Fact]
    public void Intersect_AnyHistory_EqualsLinq() => TableLaw.Holds(t => Short(t.A).Intersect(Short(t.B)), p => Short(p.A).Intersect(Short(p.B)));

    [Fact]
    public void Except_AnyHistory_EqualsLinq() => TableLaw.Holds(t => Short(t.A).Except(Short(t.B)), p => Short(p.A).Except(Short(p.B)));

    [Fact]
    public void IntersectAll_AnyHistory_EqualsCounts() => TableLaw.Holds(t => Short(t.A).IntersectAll(Short(t.B)), p => ByCounts(Short(p.A), Short(p.B), Math.Min));

    [Fact]
    public void ExceptAll_AnyHistory_EqualsCounts() => TableLaw.Holds(t => Short(t.A).ExceptAll(Short(t.B)), p => ByCounts(Short(p.A), Short(p.B), (a, b) => a - b));

    [Fact]
    public void Distinct_OneOfTwoRetracted_StaysSilent()
    {
        using var test = new TestPipeline();
        var rows = test.Rows<int>("rows");
        var distinct = test.Collect(rows.Table.Distinct());
        rows.Push(7, 2);
        Assert.Equal([new Delta<int>(7, 1)], test.CloseEpoch(distinct));
        rows.Push(7, -1);
        Assert.Empty(test.CloseEpoch(distinct));
    }

    private static Table<int> Short(Table<Item> items) => items.Select(i => i.Value);

    private static IEnumerable<int> Short(IEnumerable<Item> items) => items.Select(i => i.Value);

    private static IEnumerable<int> ByCounts(IEnumerable<int> left, IEnumerable<int> right, Func<int, int, int> rule)
    {
        var counts = right.CountBy(i => i).ToDictionary();
        return left.CountBy(i => i).SelectMany(c => Enumerable.Repeat(c.Key, Math.Max(0, rule(c.Value, counts.GetValueOrDefault(c.Key)))));
    }
}
