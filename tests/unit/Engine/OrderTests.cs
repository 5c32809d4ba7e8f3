using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>What depends on an order: the law, one test for each operation.</summary>
[Trait("suite", "unit")]
public sealed class OrderTests
{
    private static readonly IComparer<Item> ByMembers = Pathway.Storage.RowOrder.Of<Item>();

    [Fact]
    public void Neighbours_AnyHistory_EqualLinq() => TableLaw.Holds(
        t => t.A.Neighbours(i => i.Id % 2, i => i.Value, (before, i, after) => (before, i, after)),
        p => p.A.GroupBy(i => i.Id % 2).SelectMany(g =>
        {
            var distinct = g.Distinct().OrderBy(i => i.Value).ThenBy(i => i, ByMembers).ToList();
            return g.Select(i => (distinct.ElementAtOrDefault(distinct.IndexOf(i) - 1), i, distinct.ElementAtOrDefault(distinct.IndexOf(i) + 1)));
        }),
        iter: 300);

    [Fact]
    public void Diff_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.K.Diff(_ => 0, i => i.Id, (before, i) => new { i.Id, Difference = i.Value - before?.Value }),
        p => p.K.Values.Select(i => new { i.Id, Difference = i.Value - p.K.Values.Where(b => b.Id < i.Id).MaxBy(b => b.Id)?.Value }));

    [Fact]
    public void Top_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.A.Top(2, i => i.Id % 2, i => i.Value, (i, rank) => (rank, i)),
        p => p.A.GroupBy(i => i.Id % 2).SelectMany(g => g.OrderByDescending(i => i.Value).ThenByDescending(i => i, ByMembers).Take(2).Select((i, at) => (at + 1, i))));

    [Fact]
    public void Deduplicate_RowsInOrder_KeepsWhatWasAccepted()
    {
        using var test = new TestPipeline();
        var items = test.Rows<Item>("items");
        var output = test.Collect(items.Table.Deduplicate(i => i.Id, (now, last) => Math.Abs(now.Value - last.Value) >= 3));
        foreach (var value in new[] { 1, 3, 5, 7, 9 }) items.Push(new Item(1, null, value, null));
        test.CloseEpoch();
        Assert.Equal(9, output.Rows[1].Value);
        test.Commit();
        test.Restart();
        items.Push(new Item(1, null, 9, null), -1);
        items.Push(new Item(1, null, 11, null));
        Assert.Empty(test.CloseEpoch(output));
        items.Push(new Item(1, null, 12, null));
        Assert.Equal(12, test.CloseEpoch(output)[1]!.Value);
    }

    [Fact]
    public void Chain_OfManyOperators_EqualsLinq() => TableLaw.Holds(
        t => (from a in t.A.Concat(t.K).Distinct()
              join b in t.B.Where(b => b.Value > -3) on a.Id equals b.Id
              group new { a.Value, Other = b.Value } by new { a.Group } into g
              select new { g.Key.Group, Rows = g.Count(), Sum = g.Sum(x => x.Value), Max = g.Max(x => x.Other) })
            .LeftJoin(t.L, g => new { g.Group }, l => new { Group = (int?)l.Id }, (g, l) => new { g.Group, g.Rows, g.Sum, g.Max, l?.Text })
            .Top(2, g => g.Max, g => g.Sum),
        p => (from a in p.A.Concat(p.K.Values).Distinct()
              join b in p.B.Where(b => b.Value > -3) on a.Id equals b.Id
              group new { a.Value, Other = b.Value } by new { a.Group } into g
              select new { g.Key.Group, Rows = (long)g.Count(), Sum = g.Sum(x => x.Value), Max = g.Max(x => x.Other) })
            .Select(g => new { g.Group, g.Rows, g.Sum, g.Max, p.L.GetValueOrDefault(g.Group ?? -1)?.Text })
            .GroupBy(g => g.Max).SelectMany(g => g.OrderByDescending(r => r.Sum).ThenByDescending(r => r.Group ?? -1).Take(2)),
        iter: 300);
}
