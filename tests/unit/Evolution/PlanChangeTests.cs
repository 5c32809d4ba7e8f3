using System.Text.Json;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>A pipeline that is changed: what is the same keeps its state, what is new is made from what is kept, and the target has what a plain recomputation gives.</summary>
[Trait("suite", "unit")]
public sealed class PlanChangeTests
{
    private static void TotalsOfBuyers(Shop shop) =>
        shop.Send(shop.Sales.GroupBy(s => s.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(s => s.Amount))).Named("totals of buyers"), "buyers");

    private static void TotalsOfItems(Shop shop) =>
        shop.Send(shop.Sales.GroupBy(s => s.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Sum(s => s.Amount))).Named("totals of items"), "items");

    [Fact]
    public async Task Run_WithASecondGrouping_IsMadeFromTheKeptTable()
    {
        using var shop = new EvolvingShop();
        shop.Change(1, 100);
        await shop.RunAsync(TotalsOfBuyers);
        AssertBuyers(shop);
        shop.Target.Forget();

        await shop.RunAsync(Both, accept: true);
        AssertBuyers(shop);
        AssertItems(shop);
        Assert.Equal(shop.Target.At("items").Count, shop.Target.Records);    // the kept sink gets nothing

        shop.Change(200, 60);
        await shop.RunAsync(Both);
        AssertBuyers(shop);
        AssertItems(shop);

        static void Both(Shop shop)
        {
            TotalsOfBuyers(shop);
            TotalsOfItems(shop);
        }
    }

    [Theory]
    [InlineData(1, 64 << 20)]
    [InlineData(3, 64 << 20)]
    [InlineData(2, 1)]
    public async Task Run_OverAJoin_IsMadeFromItsSides(int workers, long memory)
    {
        using var shop = new EvolvingShop();
        shop.Change(1, 300);
        await shop.RunAsync(s => s.Send(Named(s), "named"), workers: workers, memoryBytes: memory);

        await shop.RunAsync(WithTotals, accept: true, workers: workers, memoryBytes: memory);
        AssertTotals();
        shop.Change(400, 200);
        await shop.RunAsync(WithTotals, workers: workers, memoryBytes: memory);
        AssertTotals();

        void AssertTotals()
        {
            var pairs = shop.Sales.Values.Join(shop.Buyers.Values, s => s.Customer, b => b.Id, (s, b) => new NamedSale(s.Id, b.Name, s.Amount)).ToList();
            AssertEqual(pairs.ToDictionary(p => p.Id), shop.Target.At("named"));
            AssertEqual(pairs.GroupBy(p => p.Name).ToDictionary(g => g.Key, g => new ItemTotal(g.Key, g.LongCount(), g.Max(p => p.Amount))), shop.Target.At("names"));
        }

        static Table<int, NamedSale> Named(Shop s) => s.Sales.Join(s.Buyers, x => x.Customer, b => b.Id, (x, b) => new NamedSale(x.Id, b.Name, x.Amount)).WithKey(n => n.Id);

        static void WithTotals(Shop s)
        {
            var named = Named(s);
            s.Send(named, "named");
            s.Send(named.GroupBy(n => n.Name).Select(g => new ItemTotal(g.Key, g.Count(), g.Max(n => n.Amount))), "names");
        }
    }

    [Fact]
    public async Task Run_WithAnotherAggregate_CorrectsItsTarget()
    {
        using var shop = new EvolvingShop();
        shop.Change(1, 100);
        await shop.RunAsync(TotalsOfBuyers);

        await shop.RunAsync(OfLargeSales, accept: true);
        AssertLarge();
        Assert.True(shop.Target.Deletes > 0);    // buyers of small sales only
        shop.Change(200, 60);
        await shop.RunAsync(OfLargeSales);
        AssertLarge();

        static void OfLargeSales(Shop s) =>
            s.Send(s.Sales.Where(x => x.Amount > 85).GroupBy(x => x.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Max(x => x.Amount))).Named("totals of buyers"), "buyers");

        void AssertLarge() => AssertEqual(
            shop.Sales.Values.Where(x => x.Amount > 85).GroupBy(x => x.Customer).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Max(x => x.Amount))), shop.Target.At("buyers"));
    }

    [Fact]
    public async Task Run_WithAStepLess_DeletesItsState()
    {
        using var shop = new EvolvingShop();
        shop.Change(1, 100);
        await shop.RunAsync(s =>
        {
            TotalsOfBuyers(s);
            TotalsOfItems(s);
        });
        await shop.RunAsync(TotalsOfBuyers, accept: true);
        shop.Change(200, 60);
        await shop.RunAsync(TotalsOfBuyers);
        AssertBuyers(shop);
        Assert.DoesNotContain("totals of items", File.ReadAllText(Path.Combine(shop.Directory, "pipeline.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnderAnotherNameThatIsSaid_KeepsTheState()
    {
        using var shop = new EvolvingShop();
        shop.Change(1, 100);
        await shop.RunAsync(TotalsOfBuyers);
        shop.Target.Forget();
        await shop.RunAsync(Renamed, accept: true);
        Assert.Equal(0, shop.Target.Records);
        shop.Change(200, 60);
        await shop.RunAsync(Renamed);
        AssertBuyers(shop);

        static void Renamed(Shop shop) =>
            shop.Send(shop.Sales.GroupBy(s => s.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(s => s.Amount))).Named("totals by buyer", formerly: "totals of buyers"), "buyers");
    }

    [Fact]
    public async Task Run_NotAccepted_SaysWhatWouldBe_AndLeavesTheDirectory()
    {
        using var shop = new EvolvingShop();
        shop.Change(1, 100);
        await shop.RunAsync(TotalsOfBuyers);
        var before = FilesOf(shop.Directory);

        var refusal = await Assert.ThrowsAsync<RefusalException>(() => shop.RunAsync(TotalsOfItems));
        Assert.Contains("rebuilt    totals of items: it is new; from sales/Upsert", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("gone       totals of buyers: its state is deleted", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, FilesOf(shop.Directory));

        shop.Change(200, 60);
        await shop.RunAsync(TotalsOfBuyers);
        AssertBuyers(shop);
    }

    [Fact]
    public async Task Run_OverMoreThanMemory_StoresOnTheWay()
    {
        using var shop = new EvolvingShop();
        for (var i = 0; i < 150_000; i++) shop.Put(new Sale(i, i % 70_001, i, $"item {i % 4}"));
        await shop.RunAsync(TotalsOfItems, workers: 2, memoryBytes: 1 << 20);
        await shop.RunAsync(Both, accept: true, workers: 2, memoryBytes: 1 << 20);
        AssertBuyers(shop);
        AssertItems(shop);
        shop.Change(200, 60);
        await shop.RunAsync(Both, workers: 1, memoryBytes: 1 << 20);
        AssertBuyers(shop);

        static void Both(Shop shop)
        {
            TotalsOfBuyers(shop);
            TotalsOfItems(shop);
        }
    }

    [Fact]
    public async Task PlanDiff_SaysWhatAStartWouldDo_AndChangesNothing()
    {
        using var shop = new EvolvingShop();
        Assert.Contains("nothing was written", shop.Describe(TotalsOfBuyers).PlanDiff().Text, StringComparison.Ordinal);
        shop.Change(1, 100);
        await shop.RunAsync(TotalsOfBuyers);
        var before = FilesOf(shop.Directory);
        Assert.Equal(new PlanDiff(true, true, "the plan is the one that wrote the state"), shop.Describe(TotalsOfBuyers).PlanDiff());

        var changed = shop.Describe(TotalsOfItems).PlanDiff();
        Assert.Equal((false, true), (changed.IsSame, changed.IsPossible));
        Assert.Equal(
            """
            kept       sales/Upsert (0 MB)
            rebuilt    totals of items: it is new; from sales/Upsert
            delivered  totals of items/Sink: it is new; its target gets the whole table
            gone       totals of buyers: its state is deleted (0 MB)
            gone       totals of buyers/Sink: what its target has stays there
            2 steps without state are kept
            """,
            changed.Text);

        var refused = shop.Describe(s => s.Send(s.Sales.Rows().Deduplicate(x => x.Item, (x, y) => x.Amount > y.Amount), "items")).PlanDiff();
        Assert.False(refused.IsPossible);
        Assert.Contains("refused    sales/Upsert/Rows/Deduplicate: it is new, and it depends on the order in which rows came", refused.Text, StringComparison.Ordinal);
        Assert.Equal(before, FilesOf(shop.Directory));
    }

    private static Dictionary<string, string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock").ToDictionary(f => f, f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))));

    private static void AssertBuyers(EvolvingShop shop) =>
        AssertEqual(shop.Sales.Values.GroupBy(s => s.Customer).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Sum(s => s.Amount))), shop.Target.At("buyers"));

    private static void AssertItems(EvolvingShop shop) =>
        AssertEqual(shop.Sales.Values.GroupBy(s => s.Item).ToDictionary(g => g.Key, g => new ItemTotal(g.Key, g.LongCount(), g.Sum(s => s.Amount))), shop.Target.At("items"));

    private static void AssertEqual<TKey, TRow>(Dictionary<TKey, TRow> expected, IReadOnlyDictionary<string, string> found)
        where TKey : notnull => Assert.Equal(
            expected.ToDictionary(e => JsonSerializer.Serialize(e.Key, RowJson.Options), e => JsonSerializer.Serialize(e.Value, RowJson.Options)).OrderBy(e => e.Key, StringComparer.Ordinal), found.OrderBy(e => e.Key, StringComparer.Ordinal));
}
