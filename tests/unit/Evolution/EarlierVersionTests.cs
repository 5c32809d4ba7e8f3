using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;
using JsonFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>State directories that earlier versions wrote (T-27): Golden/version-N.zip, each a folder with the files of a pipeline, its state in RocksDB and in the log.</summary>
[Trait("suite", "unit")]
public sealed class EarlierVersionTests
{
    private const string PlanVariable = "PATHWAY_TEST_PLAN";

    public static TheoryData<string, string> Cases() => new() { { "version-1", "same" }, { "version-1", "more" } };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Run_OnADirectoryOfAnEarlierVersion_GoesOn(string version, string plan)
    {
        using var folder = new TemporaryFolder();
        ZipFile.ExtractToDirectory(Golden(version), folder.Path);
        var sales = Path.Combine(folder.Path, "sales.jsonl");
        File.AppendAllLines(sales, Enumerable.Range(300, 50).Select(i => JsonSerializer.Serialize(new Sale(i * 7 % 90, i % 6, i * 13 % 100, $"item {i % 5}"), RowJson.Options)));

        var (code, output) = await ChildRun.RunAsync(typeof(EarlierVersionTests), nameof(Golden_Run), folder.Path, (PlanVariable, plan));
        Assert.True(code == 0, output);

        var present = File.ReadAllLines(sales).Select(line => JsonSerializer.Deserialize<Sale>(line, RowJson.Options)!).GroupBy(s => s.Id).Select(g => g.Last()).ToList();
        var buyers = File.ReadAllLines(Path.Combine(folder.Path, "buyers.jsonl")).Select(line => JsonSerializer.Deserialize<Buyer>(line, RowJson.Options)!).ToDictionary(b => b.Id);
        Assert.Equal(Expected(present.GroupBy(s => s.Item), g => g.Max(s => s.Amount)), KeyedLines.Rows(Path.Combine(folder.Path, "items.jsonl")));
        Assert.Equal(Expected(present.Where(s => buyers.ContainsKey(s.Customer)).GroupBy(s => buyers[s.Customer].Name), g => g.Sum(s => s.Amount)), KeyedLines.Rows(Path.Combine(folder.Path, "names.jsonl")));
        if (plan == "more") Assert.Equal(Expected(present.GroupBy(s => s.Item), g => g.Min(s => s.Amount)), KeyedLines.Rows(Path.Combine(folder.Path, "least.jsonl")));
    }

    [Fact]
    public void Load_ManifestOfALaterVersion_IsRefused()
    {
        using var folder = new TemporaryFolder();
        ZipFile.ExtractToDirectory(Golden("version-1"), folder.Path);
        var path = Path.Combine(folder.Path, "state", "pipeline.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["version"] = Manifest.CurrentVersion + 1;
        File.WriteAllText(path, manifest.ToJsonString());
        var refusal = Assert.Throws<RefusalException>(() => Manifest.Load(new StatePaths(Path.Combine(folder.Path, "state"))));
        Assert.Contains($"version {Manifest.CurrentVersion + 1}", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The pipeline that wrote the directories, as its program would be now. Its files are named as they were, in the working directory of a process of its own.</summary>
    [Fact(Explicit = true)]
    public async Task Golden_Run()
    {
        Directory.SetCurrentDirectory(ChildRun.Folder);
        var plan = Environment.GetEnvironmentVariable(PlanVariable);
        var pipeline = Pipeline.Create("golden", o => o with { StateDirectory = "state", AcceptPlan = plan == "more" });
        var sales = pipeline.Table(JsonFiles.Table<int, Sale>("sales.jsonl", s => s.Id));
        var buyers = pipeline.Table(JsonFiles.Table<int, Buyer>("buyers.jsonl", b => b.Id));
        var named = sales.Join(buyers, s => s.Customer, b => b.Id, (s, b) => new NamedSale(s.Id, b.Name, s.Amount)).WithKey(n => n.Id);
        named.GroupBy(n => n.Name).Select(g => new ItemTotal(g.Key, g.Count(), g.Sum(n => n.Amount))).To(JsonFiles.KeyedSink<string, ItemTotal>("names.jsonl"));
        sales.GroupBy(s => s.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Max(s => s.Amount))).To(JsonFiles.KeyedSink<string, ItemTotal>("items.jsonl"));
        if (plan == "more") sales.GroupBy(s => s.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Min(s => s.Amount))).Named("least").To(JsonFiles.KeyedSink<string, ItemTotal>("least.jsonl"));
        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
    }

    private static List<string> Expected(IEnumerable<IGrouping<string, Sale>> groups, Func<IGrouping<string, Sale>, long> amount) =>
        [.. groups.Select(g => $"\"{g.Key}\": {JsonSerializer.Serialize(new ItemTotal(g.Key, g.LongCount(), amount(g)), RowJson.Options)}").Order(StringComparer.Ordinal)];

    private static string Golden(string version, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden", $"{version}.zip");
}
