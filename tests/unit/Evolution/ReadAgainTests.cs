using System.Globalization;
using System.Text.Json;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;
using JsonFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Evolution;

public sealed record Visit(int User, string Page, long At);

public sealed record LongVisit(int User, string Page, long At, string? From);

public sealed record Pages(string Page, long Visits);

public sealed record LastPage(int User, string Page, long Visits);

public sealed record Origins(string From, long Visits);

/// <summary>Steps behind sources that keep no rows but can be read again: files.</summary>
[Trait("suite", "unit")]
public sealed class ReadAgainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MirrorTarget _target = new();
    private readonly List<LongVisit> _visits = [];

    private string Path => System.IO.Path.Combine(_folder.Path, "visits.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_WithNewStepsOverAFile_ReadsItAgainToWhereItStood(int workers)
    {
        Visit(3000);
        await RunAsync<Visit>(workers, (p, visits) => Count(visits, v => v.Page));
        Visit(500); // not read yet: it comes once, behind the change

        await RunAsync<LongVisit>(workers, All);
        AssertAll();
        Visit(100);
        await RunAsync<LongVisit>(workers, All);
        AssertAll();
    }

    [Fact]
    public async Task Run_WithANewSinkOfChanges_GivesItEveryRow()
    {
        Visit(50);
        var changes = System.IO.Path.Combine(_folder.Path, "changes.jsonl");
        await RunAsync<Visit>(1, (_, visits) => Count(visits, v => v.Page));
        await RunAsync<Visit>(1, (_, visits) =>
        {
            Count(visits, v => v.Page);
            visits.Where(v => v.User != 3).To(JsonFiles.ChangeSink<Visit>(changes));
        });
        Assert.Equal(_visits.Where(v => v.User != 3).Select(v => (v.At, 1)), File.ReadLines(changes).Select(line => (Number(line, "at"), (int)Number(line, "diff"))));

        static long Number(string line, string name)
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty(name).GetInt64();
        }
    }

    [Fact]
    public async Task Run_OverAFileThatIsAnotherOne_IsRefused_AndThePlanBeforeGoesOn()
    {
        Visit(50);
        await RunAsync<Visit>(1, (_, visits) => Count(visits, v => v.Page));
        var content = File.ReadAllText(Path);
        File.WriteAllText(Path, content.Replace("}\n", "} \n", StringComparison.Ordinal)); // no line ends where one did
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => RunAsync<LongVisit>(1, All));
        Assert.Contains("isn't the one that was read", refusal.Message, StringComparison.Ordinal);

        File.WriteAllText(Path, content);
        Visit(50);
        await RunAsync<Visit>(1, (_, visits) => Count(visits, v => v.Page));
        AssertPages();
        await RunAsync<LongVisit>(1, All);
        AssertAll();
    }

    private static void Send<TKey, TRow>(Table<TKey, TRow> table, MirrorTarget target, string destination)
        where TKey : notnull => table.To(new KeyedSink<TKey, TRow>(target, new JsonKeyedFormatter<TKey, TRow>(destination), destination));

    private void Count<TRow>(Table<TRow> visits, Func<TRow, string> page) => Send(visits.GroupBy(page).Select(g => new Pages(g.Key, g.Count())).Named("pages"), _target, "pages");

    private void All(Pipeline pipeline, Table<LongVisit> visits)
    {
        Count(visits, v => v.Page);
        Send(visits.GroupBy(v => v.User).Select(g => new LastPage(g.Key, g.Latest(v => v.Page), g.Count())).Named("last pages"), _target, "last");
        Send(visits.GroupBy(v => v.From ?? "nowhere").Select(g => new Origins(g.Key, g.Count())).Named("origins"), _target, "origins");
    }

    private void AssertAll()
    {
        AssertPages();
        AssertEqual(_visits.GroupBy(v => v.User).ToDictionary(g => g.Key.ToString(CultureInfo.InvariantCulture), g => new LastPage(g.Key, g.Last().Page, g.LongCount())), "last");
        AssertEqual(_visits.GroupBy(v => v.From ?? "nowhere").ToDictionary(g => $"\"{g.Key}\"", g => new Origins(g.Key, g.LongCount())), "origins");
    }

    private void AssertPages() => AssertEqual(_visits.GroupBy(v => v.Page).ToDictionary(g => $"\"{g.Key}\"", g => new Pages(g.Key, g.LongCount())), "pages");

    private void AssertEqual<TRow>(Dictionary<string, TRow> expected, string destination) =>
        Assert.Equal(expected.Select(e => (e.Key, JsonSerializer.Serialize(e.Value, RowJson.Options))).Order(), _target.At(destination).Select(r => (r.Key, r.Value)).Order());

    private void Visit(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var at = _visits.Count;
            _visits.Add(new LongVisit(at % 17, $"page {at * 7 % 13}", at, at % 3 == 0 ? null : $"from {at % 5}"));
            File.AppendAllText(Path, JsonSerializer.Serialize(_visits[^1], RowJson.Options) + "\n");
        }
    }

    private async Task RunAsync<TRow>(int workers, Action<Pipeline, Table<TRow>> describe)
    {
        var pipeline = Pipeline.Create("visits", o => o with { StateDirectory = System.IO.Path.Combine(_folder.Path, "state"), AcceptPlan = true, Workers = workers });
        describe(pipeline, pipeline.Table(JsonFiles.Stream<TRow>(Path)));
        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}
