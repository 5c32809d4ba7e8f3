using System.IO.Compression;
using System.Security.Cryptography;
using Pathway.Nexmark;
using Pathway.Nexmark.Generator;

namespace Pathway.Tests.Unit.Golden.Nexmark;

/// <summary>Each query over each set gives exactly the expected rows: file → pipeline with commits to disk → file.</summary>
[Trait("suite", "golden")]
public sealed class NexmarkTests : IDisposable
{
    private const string None = "(no set)";
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-nexmark-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var (set, folder) in NexmarkSets.All)
            foreach (var expected in Directory.GetFiles(Path.Combine(folder, "expected"), "q*.csv.gz").Order(StringComparer.Ordinal)) cases.Add(set, Path.GetFileName(expected)[..^".csv.gz".Length]);
        if (cases.Count == 0) cases.Add(None, "");
        return cases;
    }



    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Query_Set_GivesTheExpectedRows(string set, string query)
    {
        if (set == None) Assert.Skip("No sets of events: PATHWAY_NEXMARK_DIRS names no folder, and none lies beside the repository.");
        if (!NexmarkQueries.All.TryGetValue(query, out var build)) Assert.Skip($"{query}: the query isn't written.");
        var (events, sides, output) = (Path.Combine(_folder, "events.jsonl"), Path.Combine(_folder, "side.jsonl"), Path.Combine(_folder, "out.jsonl"));
        Unpack(Path.Combine(NexmarkSets.All[set], "events.jsonl.gz"), events);
        NexmarkTables.WriteSides(sides);
        var pipeline = Pipeline.Create("nexmark", options => options with { StateDirectory = Path.Combine(_folder, "state") });
        build(NexmarkTables.Read(pipeline, events, sides), output);

        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);

        NexmarkResult.AssertEqual(NexmarkResult.Expected(Path.Combine(NexmarkSets.All[set], "expected", $"{query}.csv.gz")), NexmarkResult.Of(output));
    }

    [Theory]
    [InlineData("dense", 6, 200, 1_704_153_540_000, 250)]
    [InlineData("sparse", 7, 1, 1_704_173_400_000, 3)]
    public void Generator_SettingsOfASet_MakesItsBytes(string set, ulong seed, long rate, long begin, int disorder)
    {
        if (!NexmarkSets.All.TryGetValue(set, out var folder)) Assert.Skip($"No set {set}.");
        using var made = new MemoryStream();
        new NexmarkGenerator(new NexmarkSettings(seed, 20_000, rate, begin, disorder)).WriteTo(made);
        using var expected = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(Path.Combine(folder, "events.jsonl.gz")), CompressionMode.Decompress)) packed.CopyTo(expected);
        Assert.True(expected.ToArray().AsSpan().SequenceEqual(made.ToArray()), "The generator made other bytes.");
    }

    [Fact]
    public void Generator_AMillionEvents_HasTheKnownHash()
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write)) new NexmarkGenerator(NexmarkSettings.Usual(1_000_000)).WriteTo(stream);
        Assert.Equal("70EA032F95645241A91D24CD7F278936691565433A32D2ECB51134D9682A7260", Convert.ToHexString(hash.Hash!));
    }

    private static void Unpack(string from, string to)
    {
        using var packed = new GZipStream(File.OpenRead(from), CompressionMode.Decompress);
        using var file = File.Create(to);
        packed.CopyTo(file);
    }
}
