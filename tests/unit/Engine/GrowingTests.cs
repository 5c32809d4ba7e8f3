using CsCheck;
using Pathway.Testing;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Engine;

/// <summary>Over rows that only ever come, extremes and the greatest rows keep only what counts, and give what they give otherwise.</summary>
[Trait("suite", "unit")]
public sealed class GrowingTests
{
    private static readonly IComparer<Item> ByMembers = Pathway.Storage.RowOrder.Of<Item>();
    private static readonly IComparer<string?> ByCodePoint = Pathway.Storage.RowOrder.Of<string?>();
    private static readonly string?[] Texts = ["a", "ab", "", "\uFF5E", "\U0001F600", null];

    private static readonly Gen<Item> Items = Gen.Select(Gen.Int[0, 3], Gen.Int[-1, 3], Gen.Int[-4, 4], Gen.Int[0, Texts.Length - 1])
        .Select((id, group, value, text) => new Item(id, group < 0 ? null : group, value, Texts[text]));

    public sealed record Extremes(int Min, int Max, int? MinGroup, string? MaxText, Item First, Item Last, string? Any, long Rows, long Distinct);

    [Fact]
    public void Extremes_RowsThatCome_EqualLinq() => Items.List[1, 12].List[1, 5].Sample(epochs =>
    {
        using var test = OnSomeWorkers(epochs);
        var items = test.Events<Item>("items");
        var output = test.Collect(items.Table.Where(i => i.Value > -4).GroupBy(i => i.Id).Select(g => new Extremes(
            g.Min(i => i.Value), g.Max(i => i.Value), g.Min(i => i.Group), g.Max(i => i.Text), g.MinBy(i => i.Value), g.MaxBy(i => i.Group), g.AnyValue(i => i.Text), g.Count(), g.CountDistinct(i => i.Text, i => i.Value > 0))));
        Step(test, items, epochs, present => Assert.Equal(
            present.Where(i => i.Value > -4).GroupBy(i => i.Id).ToDictionary(g => g.Key, g => new Extremes(
                g.Min(i => i.Value), g.Max(i => i.Value), g.Min(i => i.Group), g.Select(i => i.Text).Where(t => t is not null).Max(ByCodePoint),
                g.OrderBy(i => i.Value).ThenBy(i => i, ByMembers).First(), g.OrderBy(i => i.Group).ThenBy(i => i, ByMembers).Last(),
                g.Select(i => i.Text).Where(t => t is not null).Min(ByCodePoint), g.Count(), g.Where(i => i.Value > 0 && i.Text is not null).Select(i => i.Text).Distinct().Count())),
            output.Rows));
    }, threads: 1);

    [Fact]
    public void Top_RowsThatCome_EqualsLinq() => Items.List[1, 12].List[1, 5].Sample(epochs =>
    {
        using var test = OnSomeWorkers(epochs);
        var items = test.Events<Item>("items");
        var output = test.Collect(items.Table.Concat(items.Table.Where(i => i.Value == 2)).Top(3, i => i.Id, i => i.Value, (i, rank) => (rank, i)));
        Step(test, items, epochs, present => Assert.Equal(
            present.Concat(present.Where(i => i.Value == 2)).GroupBy(i => i.Id)
                .SelectMany(g => g.OrderByDescending(i => i.Value).ThenByDescending(i => i, ByMembers).Take(3).Select((i, at) => (at + 1, i))).Order(Pathway.Storage.RowOrder.Of<(int, Item)>()),
            output.Rows.Order(Pathway.Storage.RowOrder.Of<(int, Item)>())));
    }, threads: 1);

    [Fact]
    public void Top_OverAJoinOfRowsThatCome_KeepsOnlyTheGreatest()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        using var test = new TestPipeline(folder.Path);
        var (left, right) = (test.Events<Item>("left"), test.Events<Item>("right"));
        var output = test.Collect(left.Table.Join(right.Table, l => l.Id, r => r.Id, (l, r) => (l.Id, r.Value)).Top(1, p => p.Id, p => p.Value));
        left.Push(new Item(1, null, 0, null));
        for (var value = 0; value < 1000; value++) right.Push(new Item(1, null, value * 7 % 1000, null));
        test.CloseEpoch();
        Assert.Equal([(1, 999)], output.Rows);
        right.Push(new Item(1, null, 1000, null));
        Assert.Equal([((1, 999), -1L), ((1, 1000), 1L)], test.CloseEpoch(output).Select(d => (d.Row, d.Weight)).OrderBy(d => d.Weight));
    }

    private static void Step(TestPipeline test, TestEvents<Item> items, List<List<Item>> epochs, Action<List<Item>> check)
    {
        var present = new List<Item>();
        foreach (var epoch in epochs)
        {
            foreach (var item in epoch) items.Push(item);
            present.AddRange(epoch);
            test.CloseEpoch();
            check(present);
            test.Commit();
            if (epoch.Count % 2 == 0) test.Restart(workers: 1 + epoch.Count % 4);
        }
    }

    private static TestPipeline OnSomeWorkers(List<List<Item>> epochs) => new(workers: 1 + epochs[0].Count % 4) { AlwaysOnThreads = epochs.Count % 2 == 0 };
}
