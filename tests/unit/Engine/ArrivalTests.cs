using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>What lies between two known values, and what depends on the order of arrival.</summary>
public sealed class ArrivalTests
{
    [Fact]
    public void Interpolate_RowsComeAndGo_IsOnTheLineBetweenThoseThere() => TableLaw.Holds(
        i => i.A.Interpolate(a => a.Id % 2, a => a.Value, a => a.Group, (a, v) => (a, v)),
        p => p.A.Select(a => (a, Line(a, [.. p.A.Where(b => b.Id % 2 == a.Id % 2).Distinct().OrderBy(b => b.Value).ThenBy(b => b, Pathway.Storage.RowOrder.Of<Item>())]))));

    [Fact]
    public void Scan_GroupComesBack_GoesOnFromWhereItWas()
    {
        using var test = new TestPipeline();
        var input = test.Rows<(string Group, int Value)>("a");
        var output = test.Collect(input.Table.Scan(r => r.Group, (Changes: 0L, Sum: 0L), (s, r, count) => (s.Changes + Math.Abs(count), s.Sum + (count * r.Value))));
        input.Push(("x", 5));
        input.Push(("x", 7));
        test.CloseEpoch();
        Assert.Equal((2, 12), output.Rows["x"]);
        input.Push(("x", 5), -1);
        input.Push(("x", 7), -1);
        test.CloseEpoch();
        Assert.Empty(output.Rows);
        test.Commit();
        test.Restart();
        input.Push(("x", 1));
        test.CloseEpoch();
        Assert.Equal((5, 1), output.Rows["x"]);
    }

    [Fact]
    public void Number_RowsComeAndGo_EachKeepsItsNumberAndNoneIsGivenTwice()
    {
        using var test = new TestPipeline();
        var input = test.Rows<string>("a");
        var output = test.Collect(input.Table.Number(_ => 0, (row, number) => (row, number)));
        input.Push("a");
        input.Push("b");
        input.Push("a");
        test.CloseEpoch();
        input.Push("b", -1);
        input.Push("a", -1);
        test.CloseEpoch();
        test.Commit();
        test.Restart();
        input.Push("c");
        test.CloseEpoch();
        Assert.Equal([("a", 1L), ("c", 4L)], output.Rows.Order());
    }

    private static double? Line(Item row, List<Item> ordered)
    {
        if (row.Group is not null) return row.Group;
        var at = ordered.IndexOf(row);
        var (before, after) = (ordered.Take(at).LastOrDefault(r => r.Group is not null), ordered.Skip(at).FirstOrDefault(r => r.Group is not null));
        if (before is null || after is null) return (before ?? after)?.Group;
        if (before.Value == after.Value) return before.Group;
        return before.Group!.Value + ((after.Group!.Value - before.Group!.Value) * ((double)(row.Value - before.Value) / (after.Value - before.Value)));
    }
}
