using System.Text.Json;
using Pathway.Connectors;
using Pathway.Core;
using Sources = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Files;

/// <summary>The files of a folder as a table: what is in it follows the files, across restarts.</summary>
[Trait("suite", "unit")]
public sealed class FolderSourceTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("pathway-folder-").FullName;

    public sealed record Sale(string Shop, int Amount);

    public sealed record Total(string Shop, long Sales, int Amount);

    private string In => Path.Combine(_home, "in");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Folder_FilesComeChangeAndGoBetweenStarts_TheTableFollows()
    {
        Directory.CreateDirectory(Path.Combine(In, "below"));
        var random = new Random(11);
        for (var start = 0; start < 6; start++)
        {
            foreach (var file in (string[])["a.csv", "b.csv", "below/c.csv"])
            {
                var path = Path.Combine(In, file);
                switch (random.Next(4))
                {
                    case 0: File.Delete(path); break;
                    case 1: break;
                    default: Write(path, start, random); break;
                }
            }

            Write(Path.Combine(In, "other.txt"), start, random);
            await RunAsync(follow: false, TestContext.Current.CancellationToken);
            Assert.Equal(Expected(), Found());
        }
    }

    [Fact]
    public async Task Folder_GoneWhileItIsWatched_StopsAndTakesNothingBack()
    {
        Directory.CreateDirectory(In);
        Write(Path.Combine(In, "a.csv"), 3, new Random(3));
        await RunAsync(follow: false, TestContext.Current.CancellationToken);
        var before = Found();
        var running = RunAsync(follow: true, TestContext.Current.CancellationToken);
        Directory.Move(In, In + ".away");
        var stopped = await Assert.ThrowsAnyAsync<PathwayException>(() => running);
        Assert.Contains("folder", stopped.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, Found());
    }

    [Fact]
    public async Task Folder_Watched_FilesThatComeAndChangeAndGo_AreSeen()
    {
        Directory.CreateDirectory(In);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = RunAsync(follow: true, stop.Token);
        var random = new Random(3);
        foreach (var act in (Action[])[() => Write(Path.Combine(In, "a.csv"), 1, random), () => Write(Path.Combine(In, "b.csv"), 2, random), () => Write(Path.Combine(In, "a.csv"), 3, random), () => File.Delete(Path.Combine(In, "b.csv"))])
        {
            act();
            while (!Expected().SequenceEqual(Found()))
            {
                Assert.False(running.IsCompleted, running.Exception?.Message);
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        await stop.CancelAsync();
        await running;
    }

    private async Task RunAsync(bool follow, CancellationToken stop)
    {
        var pipeline = Pipeline.Create("folder", options => options with { StateDirectory = Path.Combine(_home, "state") });
        var sales = pipeline.Table(Sources.Folder(In, "**/*.csv", FileForm.Csv<Sale>(), new FileReading { Follow = follow, LookEvery = TimeSpan.FromMilliseconds(10) }));
        sales.GroupBy(s => s.Shop).Select(g => new Total(g.Key, g.Count(), g.Sum(s => s.Amount))).To(Sources.KeyedSink<string, Total>(Path.Combine(_home, "totals.jsonl")));
        await pipeline.RunAsync(stop: stop);
    }

    // Thousands of lines in some: more than a slice.
    private static void Write(string path, int start, Random random)
    {
        var lines = random.Next(3) == 0 ? random.Next(1500, 2500) : random.Next(0, 5);
        File.WriteAllLines(path, Enumerable.Range(0, lines).Select(_ => $"{(char)('a' + random.Next(3))},{random.Next(10)}").Prepend("shop,amount"));
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1).AddSeconds(start)); // at rest, and a time of its own
    }

    private List<Total> Expected() => [.. Directory.GetFiles(In, "*.csv", SearchOption.AllDirectories).SelectMany(f => File.ReadLines(f).Skip(1)).Select(l => (Shop: l[..1], Amount: int.Parse(l[2..], null)))
        .GroupBy(s => s.Shop).Select(g => new Total(g.Key, g.Count(), g.Sum(s => s.Amount))).OrderBy(t => t.Shop, StringComparer.Ordinal)];

    private List<Total> Found()
    {
        var totals = new SortedDictionary<string, Total>(StringComparer.Ordinal);
        var path = Path.Combine(_home, "totals.jsonl");
        if (!File.Exists(path)) return [];
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        foreach (var line in file.ReadToEnd().Split('\n')[..^1])
        {
            using var change = JsonDocument.Parse(line);
            var key = change.RootElement.GetProperty("key").GetString()!;
            if (change.RootElement.GetProperty("row") is { ValueKind: JsonValueKind.Object } row) totals[key] = row.Deserialize<Total>(JsonSerializerOptions.Web)!;
            else totals.Remove(key);
        }

        return [.. totals.Values];
    }
}
