using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Evolution;

public sealed record Ware(int Id, string Title, int Price, string Unused);

public sealed record WareNow(int Id, [property: Formerly("Title")] string Name, long Price, string Shelf = "none");

public sealed record WareWithoutDefault(int Id, string Title, int Price, string Unused, string Shelf);

public sealed record Shelf(string Name, long Wares, long Price);

/// <summary>The row type of a source's table changes while its rows lie in the state (T-36).</summary>
[Trait("suite", "unit")]
public sealed class RowChangeTests
{
    [Theory]
    [InlineData(1, 64 << 20)]
    [InlineData(3, 1)]
    public async Task Run_WithMembersThatCameWentAndChanged_ReadsStoredRowsInTheirNewForm(int workers, long memory)
    {
        using var folder = new TemporaryFolder();
        var target = new MirrorTarget();
        List<Upsert<int, Ware>> before = [.. Enumerable.Range(0, 200).Select(i => Upsert<int, Ware>.Put(i, new Ware(i, $"ware {i}", i, "x")))];
        await RunAsync<Ware>(before, p => p.Select(w => new Shelf(w.Title, 1, w.Price)), false);
        Assert.Equal(200, target.At("wares").Count);

        // What came before isn't there any more for the new form; what comes now meets it.
        var now = before.Select(_ => Upsert<int, WareNow>.Delete(-1)).ToList();
        await RunAsync<WareNow>(now, Totals, true);
        Assert.Equal("""{"name":"none","wares":200,"price":19900}""", target.At("shelves")["\"none\""]);
        Assert.Equal("""{"name":"ware 7","wares":1,"price":7}""", target.At("wares")["7"]);

        now.AddRange(Enumerable.Range(0, 150).Select(Upsert<int, WareNow>.Delete));
        now.Add(Upsert<int, WareNow>.Put(190, new WareNow(190, "moved", 1L << 40, "top")));
        now.Add(Upsert<int, WareNow>.Put(191, new WareNow(191, "ware 191", 191)));    // equal to what is there: no ghost beside it
        await RunAsync<WareNow>(now, Totals, false);
        Assert.Equal("""{"name":"none","wares":49,"price":8535}""", target.At("shelves")["\"none\""]);
        Assert.Equal("""{"name":"top","wares":1,"price":1099511627776}""", target.At("shelves")["\"top\""]);
        Assert.Equal(50, target.At("wares").Count);

        Table<int, Shelf> Totals(Table<int, WareNow> wares)
        {
            wares.GroupBy(w => w.Shelf).Select(g => new Shelf(g.Key, g.Count(), g.Sum(w => w.Price))).To(new KeyedSink<string, Shelf>(target, new JsonKeyedFormatter<string, Shelf>("shelves"), "shelves"));
            return wares.Select(w => new Shelf(w.Name, 1, w.Price));
        }

        async Task RunAsync<TRow>(List<Upsert<int, TRow>> rows, Func<Table<int, TRow>, Table<int, Shelf>> query, bool accept)
        {
            var pipeline = Pipeline.Create("wares", o => o with { StateDirectory = folder.Path, AcceptPlan = accept, Workers = workers, MemoryBytes = memory });
            query(pipeline.Table(new ListSource<Upsert<int, TRow>>("wares", rows))).To(new KeyedSink<int, Shelf>(target, new JsonKeyedFormatter<int, Shelf>("wares"), "wares"));
            await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Run_WithAMemberWithoutDefault_IsRefusedByName_AndThePlanBeforeGoesOn()
    {
        using var folder = new TemporaryFolder();
        var target = new MirrorTarget();
        List<Upsert<int, Ware>> before = [.. Enumerable.Range(0, 20).Select(i => Upsert<int, Ware>.Put(i, new Ware(i, $"ware {i}", i, "x")))];
        await RunAsync(before);
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => RunAsync(new List<Upsert<int, WareWithoutDefault>>()));
        Assert.Contains("refused    wares/Upsert: the row has no member 'Shelf' in the state: give it a default", refusal.Message, StringComparison.Ordinal);
        before.Add(Upsert<int, Ware>.Delete(3));
        await RunAsync(before);
        Assert.Equal(19, target.At("wares").Count);

        async Task RunAsync<TRow>(List<Upsert<int, TRow>> rows)
        {
            var pipeline = Pipeline.Create("wares", o => o with { StateDirectory = folder.Path, AcceptPlan = true });
            pipeline.Table(new ListSource<Upsert<int, TRow>>("wares", rows)).To(new KeyedSink<int, TRow>(target, new JsonKeyedFormatter<int, TRow>("wares"), "wares"));
            await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
        }
    }
}
