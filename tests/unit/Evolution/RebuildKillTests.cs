using System.Text.Json;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;
using JsonFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>The process is killed at any point of a change of the plan: before its commit is durable the plan before goes on as if nothing had been; the change, done again, gives just what it gives undisturbed.</summary>
[Trait("suite", "unit")]
public sealed class RebuildKillTests
{
    /// <summary>Where it is killed, and whether the change counts already.</summary>
    public static TheoryData<string, bool> Points() => new()
    {
        { FailPoints.RebuildBegun, false }, { FailPoints.RebuildStored, false }, { FailPoints.RebuildBeforeCommit, false }, { FailPoints.CommitBeforeAppend, false }, { FailPoints.CommitBeforeClose, false },
        { FailPoints.CommitAfterLogSync, true }, { FailPoints.RebuildCommitted, true },
    };

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Run_KilledInAChange_GoesOnWithEitherPlan_AndEndsAsUndisturbed(string point, bool counts)
    {
        using var folder = new TemporaryFolder();
        using var undisturbed = new TemporaryFolder();
        foreach (var each in new[] { folder.Path, undisturbed.Path })
        {
            WriteSales(each, 1, 400);
            await BeforeAsync(each);
        }

        await KillAsync(folder.Path, point);
        if (!counts)
        {
            await BeforeAsync(folder.Path);
            Assert.False(File.Exists(Path.Combine(folder.Path, "items.jsonl")) && new FileInfo(Path.Combine(folder.Path, "items.jsonl")).Length > 0);
            await KillAsync(folder.Path, point); // and once more
        }

        await AfterAsync(folder.Path);
        await AfterAsync(undisturbed.Path);
        foreach (var each in new[] { folder.Path, undisturbed.Path })
        {
            WriteSales(each, 500, 100);
            await AfterAsync(each);
        }

        foreach (var file in new[] { "buyers.jsonl", "items.jsonl" })
            Assert.Equal(KeyedLines.Rows(Path.Combine(undisturbed.Path, file)), KeyedLines.Rows(Path.Combine(folder.Path, file)));
        Assert.Equal(Recomputed(folder.Path), KeyedLines.Rows(Path.Combine(folder.Path, "items.jsonl")));
    }

    /// <summary>The process that is killed.</summary>
    [Fact(Explicit = true)]
    public Task Killed() => AfterAsync(ChildRun.Folder);

    private static async Task KillAsync(string folder, string point)
    {
        var (code, output) = await ChildRun.RunAsync(typeof(RebuildKillTests), nameof(Killed), folder, (FailPoint.Variable, $"{point}=kill"));
        Assert.True(code == 137, $"ended with {code}\n{output}");
    }

    private static Task BeforeAsync(string folder) => RunAsync(folder, (sales, to) =>
        to.Send(sales.GroupBy(s => s.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(s => s.Amount))).Named("totals of buyers"), "buyers.jsonl"));

    private static Task AfterAsync(string folder) => RunAsync(folder, (sales, to) =>
    {
        to.Send(sales.Where(s => s.Amount > 20).GroupBy(s => s.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(s => s.Amount))).Named("totals of buyers"), "buyers.jsonl");
        to.Send(sales.GroupBy(s => s.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Max(s => s.Amount))).Named("totals of items"), "items.jsonl");
    });

    private static async Task RunAsync(string folder, Action<Table<int, Sale>, Outputs> describe)
    {
        var pipeline = Pipeline.Create("killed", o => o with { StateDirectory = Path.Combine(folder, "state"), AcceptPlan = true, Workers = 2 });
        describe(pipeline.Table(JsonFiles.Table<int, Sale>(Path.Combine(folder, "sales.jsonl"), s => s.Id)), new Outputs(folder));
        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
    }

    private static void WriteSales(string folder, int from, int count) => File.AppendAllLines(
        Path.Combine(folder, "sales.jsonl"), Enumerable.Range(from, count).Select(i => JsonSerializer.Serialize(new Sale(i * 3 % 90, i % 6, i * 11 % 100, $"item {i % 4}"), RowJson.Options)));

    private static List<string> Recomputed(string folder) =>
    [
        .. File.ReadAllLines(Path.Combine(folder, "sales.jsonl")).Select(line => JsonSerializer.Deserialize<Sale>(line, RowJson.Options)!).GroupBy(s => s.Id).Select(g => g.Last()).GroupBy(s => s.Item)
            .Select(g => $"\"{g.Key}\": {JsonSerializer.Serialize(new ItemTotal(g.Key, g.LongCount(), g.Max(s => s.Amount)), RowJson.Options)}").Order(StringComparer.Ordinal),
    ];

    private sealed record Outputs(string Folder)
    {
        public void Send<TKey, TRow>(Table<TKey, TRow> table, string file)
            where TKey : notnull => table.To(JsonFiles.KeyedSink<TKey, TRow>(Path.Combine(Folder, file)));
    }
}
