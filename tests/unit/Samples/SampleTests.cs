using System.Text.Json;
using Pathway.Connectors;
using Pathway.Tests.Unit.Golden;

namespace Pathway.Samples;

/// <summary>Tests that change the current folder run while nothing else does.</summary>
[CollectionDefinition(nameof(OneAtATime), DisableParallelization = true)]
public sealed class OneAtATime;

/// <summary>Every C# sample of README and docs stands, line by line, in code that is compiled, here or in the examples; those of docs/FILES.md run here, that of README in OrdersPerCustomerTests.</summary>
[Trait("suite", "unit")]
[Collection(nameof(OneAtATime))]
public sealed class SampleTests : IDisposable
{
    private const string Fence = "```";
    private readonly string _before = Directory.GetCurrentDirectory();
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-samples-").FullName;

    public static TheoryData<string> Pages() => [.. Directory.GetFiles(Path.Combine(GoldenFolders.Repository, "docs"), "*.md", SearchOption.AllDirectories)
        .Append(Path.Combine(GoldenFolders.Repository, "README.md")).Select(f => Path.GetRelativePath(GoldenFolders.Repository, f)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_EachSample_StandsInCompiledCode(string page)
    {
        string[] folders = [Path.Combine(GoldenFolders.Repository, "examples"), Path.Combine(GoldenFolders.Repository, "tests", "unit", "Samples")];
        var code = folders.SelectMany(f => Directory.GetFiles(f, "*.cs", SearchOption.AllDirectories)).Select(f => Lines(File.ReadAllLines(f))).ToList();
        foreach (var sample in SamplesOf(File.ReadAllLines(Path.Combine(GoldenFolders.Repository, page))))
            Assert.True(code.Exists(c => c.Contains(sample, StringComparison.Ordinal)), $"This sample of {page} stands in no file below examples or tests/unit/Samples:\n{sample}");
    }

    [Fact]
    public async Task FileSamples_Run_GiveWhatThePageSays()
    {
        Directory.SetCurrentDirectory(_folder);
        Directory.CreateDirectory("in");
        await WriteAsync("in/sales.csv", "shop,amount\na,1\nb,2\na,3\n");
        await WriteAsync("in/notes.txt", "a note\n");
        await WriteAsync("in/shops.jsonl", "{\"name\":\"a\",\"city\":\"Aachen\"}\n");
        await WriteAsync("in/rides.csv", "at,name\n2024-01-01T00:00:00Z,first\n2024-01-01T00:01:00Z,second\n");

        Assert.Equal(["1 in Aachen", "3 in Aachen", "a note"], await RunAsync("read", FileSamples.ReadFiles));
        Assert.Equal([("number", 1000), ("point", 1000), ("reading", 1000)], (await RunAsync("made-up", FileSamples.MakeUp)).CountBy(r => r).Select(c => (c.Key, c.Value)));
        Assert.Equal(["first", "second"], await RunAsync("rides", FileSamples.ReplayRides));
        Assert.Equal(["a", "a", "b"], await RunAsync("record", FileSamples.Record));
        Assert.Equal(["a", "a", "b"], await RunAsync("replay", FileSamples.ReplaySession));
    }

    [Fact]
    public async Task FolderSample_Runs_UntilItIsStopped()
    {
        Directory.SetCurrentDirectory(_folder);
        Directory.CreateDirectory("in");
        await WriteAsync("in/sales.csv", "shop,amount\na,1\na,3\n");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var pipeline = Pipeline.Create("folder");
        FileSamples.WatchFolder(pipeline);
        var running = pipeline.RunAsync(stop: stop.Token);
        while (!File.Exists("out/totals.jsonl") || new FileInfo("out/totals.jsonl").Length == 0)
        {
            Assert.False(running.IsCompleted);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal("""{"key":"a","row":{"shop":"a","sales":2,"amount":4}}""", Assert.Single(await File.ReadAllLinesAsync("out/totals.jsonl", TestContext.Current.CancellationToken)));
    }

    private static async Task<List<string>> RunAsync(string name, Func<Pipeline, Table<string>> sample)
    {
        var pipeline = Pipeline.Create(name, options => options with { StateDirectory = $"state-{name}" });
        sample(pipeline).To(Files.ChangeSink<string>($"out-{name}/rows.jsonl"));
        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
        return [.. (await File.ReadAllLinesAsync($"out-{name}/rows.jsonl", TestContext.Current.CancellationToken)).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("row").GetString()!).Order(StringComparer.Ordinal)];
    }

    private static Task WriteAsync(string path, string text) => File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);

    private static IEnumerable<string> SamplesOf(string[] page)
    {
        for (var at = 0; at < page.Length; at++)
        {
            if (page[at].Trim() != Fence + "csharp") continue;
            var end = Array.FindIndex(page, at + 1, line => line.Trim() == Fence);
            yield return Lines(page[(at + 1)..end]);
            at = end;
        }
    }

    // Without indentation, which is another in the page, and access, which a page needn't show.
    private static string Lines(string[] lines) => string.Join('\n', lines.Select(l => l.Trim().Replace("public static", "static", StringComparison.Ordinal)).Where(l => l.Length > 0)) + "\n";
}
