using CsCheck;
using Build = System.Func<Pathway.Table<Pathway.Tests.Unit.Engine.Item>, Pathway.Table<Pathway.Tests.Unit.Engine.Item>, string, Pathway.Table<Pathway.Tests.Unit.Engine.Item>>;
using Oracle = System.Func<System.Collections.Generic.IReadOnlyList<Pathway.Tests.Unit.Engine.Item>, System.Collections.Generic.IReadOnlyList<Pathway.Tests.Unit.Engine.Item>, System.Collections.Generic.IEnumerable<Pathway.Tests.Unit.Engine.Item>>;

namespace Pathway.Tests.Unit.Engine;

/// <summary>The law for random plans: steps that read the inputs and one another, in chains, diamonds and with themselves.</summary>
[Trait("suite", "unit")]
public sealed class RandomPlanTests
{
    private static readonly IComparer<Item> ByMembers = Pathway.Storage.RowOrder.Of<Item>();
    private static readonly IComparer<string?> ByCodePoint = Pathway.Storage.RowOrder.Of<string?>();

    private static readonly (string Name, Build Build, Oracle Oracle)[] Operations =
    [
        ("Where", (l, _, _) => l.Where(i => i.Value > -2), (l, _) => l.Where(i => i.Value > -2)),
        ("Select", (l, _, _) => l.Select(i => i with { Value = Small(i.Value + 3) }), (l, _) => l.Select(i => i with { Value = Small(i.Value + 3) })),
        ("SelectMany", (l, _, _) => l.SelectMany(i => Parts(i)), (l, _) => l.SelectMany(Parts)),
        ("Memoized", (l, _, n) => l.Memoized(i => i with { Id = (i.Id + 1) % 6 }).Named(n), (l, _) => l.Select(i => i with { Id = (i.Id + 1) % 6 })),
        ("Concat", (l, r, _) => l.Concat(r), (l, r) => l.Concat(r)),
        ("Distinct", (l, _, n) => l.Distinct().Named(n), (l, _) => l.Distinct()),
        ("Union", (l, r, n) => l.Union(r).Named(n), (l, r) => l.Union(r)),
        ("Intersect", (l, r, n) => l.Intersect(r).Named(n), (l, r) => l.Intersect(r)),
        ("Except", (l, r, n) => l.Except(r).Named(n), (l, r) => l.Except(r)),
        ("IntersectAll", (l, r, n) => l.IntersectAll(r).Named(n), (l, r) => Times(l, r, Math.Min)),
        ("ExceptAll", (l, r, n) => l.ExceptAll(r).Named(n), (l, r) => Times(l, r, (x, y) => Math.Max(0, x - y))),
        ("SemiJoin", (l, r, n) => l.SemiJoin(r, i => new { i.Group }, i => new { i.Group }).Named(n), (l, r) => l.Where(i => r.Any(o => IsOfGroup(o, i)))),
        ("AntiJoin", (l, r, n) => l.AntiJoin(r, i => new { i.Group }, i => new { i.Group }).Named(n), (l, r) => l.Where(i => !r.Any(o => IsOfGroup(o, i)))),
        ("GroupBy", (l, _, n) => l.GroupBy(i => i.Id).Select(g => new Item(g.Key, null, Small((int)g.Sum(i => i.Value)), g.Max(i => i.Text))).Named(n).Rows(), (l, _) => ById(l)),
        ("GroupByFirst",
            (l, _, n) => l.GroupBy(i => new { i.Group }).Select(g => new Item((int)(g.Count() % 6), g.Key.Group, g.Min(i => i.Value), g.MaxBy(i => i.Value).Text)).Named(n).Rows(),
            (l, _) => l.GroupBy(i => i.Group).Select(g => new Item(g.Count() % 6, g.Key, g.Min(i => i.Value), g.OrderBy(i => i.Value).ThenBy(i => i, ByMembers).Last().Text))),
        ("Top", (l, _, n) => l.Top(2, i => i.Id % 2, i => i.Value).Named(n), (l, _) => l.GroupBy(i => i.Id % 2).SelectMany(g => g.OrderByDescending(i => i.Value).ThenByDescending(i => i, ByMembers).Take(2))),
        ("Diff", (l, _, n) => l.Diff(i => i.Id, i => i.Value, (before, i) => i with { Value = Small(i.Value - (before?.Value ?? 0)) }).Named(n), (l, _) => l.GroupBy(i => i.Id).SelectMany(Differences)),
        ("CrossJoin",
            (l, r, n) => l.CrossJoin(r.Aggregate(all => all.Count()).Named(n + "-count"), (i, count) => i with { Value = Small(i.Value + (int)count) }).Named(n),
            (l, r) => l.Where(_ => r.Count > 0).Select(i => i with { Value = Small(i.Value + r.Count) })),
        ("UpdateRows", (l, r, n) => Keyed(l, n + "-left").UpdateRows(Keyed(r, n + "-right")).Named(n).Rows(), (l, r) => ById(r).Concat(ById(l).ExceptBy(r.Select(i => i.Id), i => i.Id))),
        ("RestrictToKeysOf", (l, r, n) => Keyed(l, n + "-left").RestrictToKeysOf(Keyed(r, n + "-right")).Named(n).Rows(), (l, r) => ById(l).IntersectBy(r.Select(i => i.Id), i => i.Id)),
        ("Join", (l, r, n) => l.Join(r, i => (i.Id, i.Value), i => (i.Id, i.Value), (i, o) => i with { Text = o.Text }).Named(n), (l, r) => l.Join(r, i => (i.Id, i.Value), i => (i.Id, i.Value), (i, o) => i with { Text = o.Text })),
        ("LeftJoin",
            (l, r, n) => l.LeftJoin(r, i => new { i.Group, i.Id }, o => new { o.Group, o.Id }, (i, o) => i with { Text = o?.Text }).Named(n),
            (l, r) => l.SelectMany(i => r.Where(o => IsOfGroup(o, i) && o.Id == i.Id).DefaultIfEmpty(), (i, o) => i with { Text = o?.Text })),
        ("FullJoin",
            (l, r, n) => l.FullJoin(r, i => new { i.Group, i.Value }, o => new { o.Group, o.Value }, (i, o) => i is null ? o! with { Id = 0 } : i with { Text = o?.Text }).Named(n),
            (l, r) => l.SelectMany(i => r.Where(o => IsOfGroup(o, i) && o.Value == i.Value).DefaultIfEmpty(), (i, o) => i with { Text = o?.Text })
                .Concat(r.Where(o => !l.Any(i => IsOfGroup(o, i) && o.Value == i.Value)).Select(o => o with { Id = 0 }))),
    ];

    // Joins may multiply rows: at most this many in a plan.
    private const int FirstJoin = 20, JoinsMax = 2;

    /// <summary>A step reads two of the inputs and the steps before it; many read one only.</summary>
    public sealed record Step(int Operation, int Left, int Right);

    private static readonly Gen<List<Step>> Plans = Gen.Select(Gen.Int[0, Operations.Length - 1], Gen.Int[0, 30], Gen.Int[0, 30]).Select((operation, left, right) => new Step(operation, left, right)).List[1, 8].Select(Thinned);

    [Fact]
    public void Plan_AnyStepsAndHistory_EqualsLinq() => TableLaw.HoldsForAny(
        Plans,
        (plan, inputs) => Run<Table<Item>>(plan, [inputs.A, inputs.B, inputs.K.Rows(), inputs.L.Rows()], (operation, left, right, name) => Operations[operation].Build(left, right, name)),
        (plan, present) => Run<IReadOnlyList<Item>>(plan, [present.A, present.B, [.. present.K.Values], [.. present.L.Values]], (operation, left, right, _) => [.. Operations[operation].Oracle(left, right)]),
        plan => string.Join(", ", plan.Select((s, at) => $"{at + 4} = {Operations[s.Operation].Name}({Read(s.Left, at + 4)}, {Read(s.Right, at + 4)})")),
        iter: 400);

    private static TTable Run<TTable>(List<Step> plan, List<TTable> tables, Func<int, TTable, TTable, string, TTable> apply)
    {
        foreach (var step in plan) tables.Add(apply(step.Operation, tables[Read(step.Left, tables.Count)], tables[Read(step.Right, tables.Count)], $"step {tables.Count}"));
        return tables[^1];
    }

    // Every other time the step before, so that plans get long.
    private static int Read(int pick, int tables) => pick % 2 == 0 ? tables - 1 : pick / 2 % tables;

    private static List<Step> Thinned(List<Step> plan)
    {
        var joins = 0;
        return plan.ConvertAll(s => s.Operation >= FirstJoin && ++joins > JoinsMax ? s with { Operation = s.Operation % FirstJoin } : s);
    }

    private static int Small(int value) => ((((value + 4) % 9) + 9) % 9) - 4;

    private static bool IsOfGroup(Item other, Item item) => item.Group is not null && item.Group == other.Group;

    private static IEnumerable<Item> Parts(Item item) => Enumerable.Range(0, item.Id % 3).Select(part => item with { Id = part });

    private static IEnumerable<Item> Times(IReadOnlyList<Item> left, IReadOnlyList<Item> right, Func<int, int, int> rule) =>
        left.Distinct().SelectMany(i => Enumerable.Repeat(i, rule(left.Count(o => o == i), right.Count(o => o == i))));

    private static Table<int, Item> Keyed(Table<Item> table, string name) => table.GroupBy(i => i.Id).Select(g => new Item(g.Key, null, Small((int)g.Sum(i => i.Value)), g.Max(i => i.Text))).Named(name);

    private static IEnumerable<Item> ById(IReadOnlyList<Item> items) =>
        items.GroupBy(i => i.Id).Select(g => new Item(g.Key, null, Small(g.Sum(i => i.Value)), g.Select(i => i.Text).Where(t => t is not null).Max(ByCodePoint)));

    private static IEnumerable<Item> Differences(IEnumerable<Item> group)
    {
        var distinct = group.Distinct().OrderBy(i => i.Value).ThenBy(i => i, ByMembers).ToList();
        return group.Select(i => i with { Value = Small(i.Value - (distinct.ElementAtOrDefault(distinct.IndexOf(i) - 1)?.Value ?? 0)) });
    }
}
