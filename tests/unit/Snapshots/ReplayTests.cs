using System.Text.Json;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Storage;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>Targets that have more than the snapshot: sources that keep their input are read again up to where each target is, and each is told everything once.</summary>
[Trait("suite", "unit")]
public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LaggingTarget _first = new("first"), _second = new("second");
    private Random _random = new(1);
    private string? _more; // a step that says what it needs

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SnapshotStore Snapshots => new(new LocalObjectStore(Path.Combine(_folder.Path, "store")), "totals");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Many))]
    public async Task Restored_BehindItsTargets_TellsEachOfThemEverythingOnce(int seed)
    {
        _random = new Random(seed);
        var (a, b) = (_random.Next(100, 1000), _random.Next(100, 1000));
        await RunToSomewhereAsync(State("one"), a, b);
        var snapshot = await SnapshotAsync(State("one"));
        for (var i = _random.Next(1, 4); i > 0; i--) await RunToSomewhereAsync(State("one"), a += _random.Next(1000), b += _random.Next(1000));
        await RestoreAsync(snapshot, State("two"));
        for (var i = _random.Next(3); i > 0; i--) await RunToSomewhereAsync(State("two"), a += _random.Next(1000), b += _random.Next(1000));
        (_first.DiesAfter, _second.DiesAfter) = (int.MaxValue, int.MaxValue);
        await RunAsync(State("two"), a + 500, b + 500);
        AssertExact(a + 500, b + 500);
        await RunAsync(State("two"), a + 600, b + 700);
        AssertExact(a + 600, b + 700);
    }

    [Fact]
    public async Task Original_AfterTheRestoredOneMetItsTargets_IsRefused()
    {
        await RunAsync(State("one"), 500, 500);
        var snapshot = await SnapshotAsync(State("one"));
        await RunAsync(State("one"), 900, 700);
        await RestoreAsync(snapshot, State("two"));
        await RunAsync(State("two"), 1000, 1000);
        var refused = await Assert.ThrowsAsync<RefusalException>(() => RunAsync(State("one"), 1100, 1100));
        Assert.Contains("A copy of this state directory took over", refused.Message);
        AssertExact(1000, 1000);
        // Nor may another copy of the same snapshot be thrown out by the first one, once both ran.
        await RestoreAsync(snapshot, State("three"));
        await RunAsync(State("three"), 1200, 1100);
        await Assert.ThrowsAsync<RefusalException>(() => RunAsync(State("two"), 1300, 1300));
        AssertExact(1200, 1100);
    }

    [Fact]
    public async Task Source_ThatLostItsInput_IsRefused()
    {
        await RunAsync(State("one"), 500, 500);
        var snapshot = await SnapshotAsync(State("one"));
        await RunAsync(State("one"), 900, 700);
        await RestoreAsync(snapshot, State("two"));
        var refused = await Assert.ThrowsAsync<RefusalException>(() => RunAsync(State("two"), 899, 700));
        Assert.Contains("a doesn't come from 500 to 900", refused.Message);
        AssertExact(900, 700);
    }

    [Theory]
    [InlineData("memoized", "keeps answers that would be others now")]
    [InlineData("order", "depends on the order in which rows come")]
    public async Task Step_ThatWouldGiveSomethingElse_IsRefused(string step, string says)
    {
        _more = step;
        await RunAsync(State("one"), 500, 500);
        var snapshot = await SnapshotAsync(State("one"));
        await RunAsync(State("one"), 900, 700);
        await RestoreAsync(snapshot, State("two"));
        var (marker, told) = (_first.Marker, _first.Told.Sum(t => t.Value.Count));
        Assert.Contains(says, (await Assert.ThrowsAsync<RefusalException>(() => RunAsync(State("two"), 900, 700))).Message);
        Assert.Equal((marker, told), (_first.Marker, _first.Told.Sum(t => t.Value.Count)));
    }

    public static TheoryData<int> Many => [.. Enumerable.Range(1, 20)];

    private string State(string name) => Path.Combine(_folder.Path, name);

    private async Task<SnapshotManifest> SnapshotAsync(string state)
    {
        using var frozen = FrozenState.Of(state);
        return await Snapshots.CreateAsync(frozen, DateTimeOffset.UnixEpoch, Stop);
    }

    private Task RestoreAsync(SnapshotManifest snapshot, string state) => Snapshots.RestoreAsync(snapshot, state, Stop);

    // Dies somewhere, so that one target has more than the other.
    private async Task RunToSomewhereAsync(string state, int a, int b)
    {
        (_first.DiesAfter, _second.DiesAfter) = (_random.Next(2, 60), _random.Next(2, 60));
        (_first.Limits, _second.Limits) = (new TransactionLimits(Rows: _random.Next(8, 40)), new TransactionLimits(Rows: _random.Next(8, 40)));
        try
        {
            await RunAsync(state, a, b);
        }
        catch (LaggingTarget.DiedException)
        {
        }
    }

    private Task RunAsync(string state, int a, int b)
    {
        var pipeline = Pipeline.Create("totals", o => o with { StateDirectory = state, CommitEvery = TimeSpan.FromMilliseconds(1), Workers = 1 + _random.Next(2) });
        var numbers = pipeline.Table(new KeptNumbers("a", a, () => _random.Next(1, 40))).Concat(pipeline.Table(new KeptNumbers("b", b, () => _random.Next(1, 40))));
        if (_more == "memoized") numbers = numbers.Memoized(n => n);
        if (_more == "order") numbers = numbers.Deduplicate(n => n, (_, _) => true).Rows();
        var totals = numbers.GroupBy(n => n % 7).Select(g => new Total(g.Key, g.Count(), g.Sum(n => n)));
        totals.To(new KeyedSink<long, Total>(_first, new JsonKeyedFormatter<long, Total>("view"), "first"));
        totals.To(new KeyedSink<long, Total>(_second, new JsonKeyedFormatter<long, Total>("view"), "second"));
        return pipeline.RunAsync(stop: Stop);
    }

    private void AssertExact(int a, int b)
    {
        var expected = Enumerable.Range(1, a).Concat(Enumerable.Range(1, b)).GroupBy(n => (long)n % 7).Select(g => new Total(g.Key, g.Count(), g.Sum(n => (long)n))).OrderBy(t => t.Key);
        foreach (var target in new[] { _first, _second })
        {
            Assert.Equal(expected, target.View.Values.Select(Parse).OrderBy(t => t.Key));
            // Each change once and in order: counts only ever rise.
            foreach (var told in target.Told.Values) Assert.Equal(told.Select(t => Parse(t!).Count).Order().Distinct(), told.Select(t => Parse(t!).Count));
        }
    }

    private static Total Parse(string json) => JsonSerializer.Deserialize<Total>(json, JsonSerializerOptions.Web)!;

    private sealed record Total(long Key, long Count, long Sum);
}
