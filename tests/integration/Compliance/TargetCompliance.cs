using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Integration.Compliance;

/// <summary>What every target that promises exactly once has to do. Inherit it and say how the target is opened and read.</summary>
public abstract class TargetCompliance : IAsyncLifetime
{
    private readonly List<ITarget> _opened = [];
    private CommitNumber _commit;

    /// <summary>The pipeline of this test; random.</summary>
    protected string PipelineName { get; } = $"compliance-{Guid.NewGuid():N}"[..24];

    protected PipelineId Pipeline { get; } = PipelineId.New();

    protected Incarnation Incarnation { get; } = Incarnation.New();

    /// <summary>What the pipeline's log has on record of the last delivery.</summary>
    protected DeliveredMarker? Recorded { get; set; }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Whether a claim keeps older instances from delivering.</summary>
    protected virtual bool Fences => true;

    /// <summary>A row that the target can't take; null if there is none.</summary>
    protected abstract TestRow? Oversized { get; }

    /// <summary>Describes the target of this test.</summary>
    protected abstract ITargetFactory Factory { get; }

    /// <summary>The name of a destination of this test.</summary>
    protected abstract string Destination(string name);

    /// <summary>What people call a destination.</summary>
    protected virtual string NameOf(string destination) => destination;

    /// <summary>Whether the target keeps every row; one that doesn't holds the last row of each key, and has none without.</summary>
    protected virtual bool KeepsHistory => true;

    /// <summary>Says how the target wants its rows.</summary>
    private protected virtual TestBatch With(TestBatch batch) => batch;

    /// <summary>What a reader of committed output sees there, in order where the target keeps one.</summary>
    protected abstract Task<IReadOnlyList<TestRow>> ReadAsync(string destination);

    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var target in _opened) await target.DisposeAsync();
    }

    [Fact]
    public async Task Deliver_Rows_AreVisibleOnceWithMarker()
    {
        var target = await OpenAndClaimAsync();
        TestRow[] rows = [new(Destination("a"), "1", "one"), new(Destination("a"), "2", "two")];
        var delivered = await DeliverAsync(target, rows);
        Assert.Equal(delivered.Marker, await target.ReadMarkerAsync(Recorded, Stop));
        await AssertVisibleAsync(Destination("a"), rows);
    }

    [Fact]
    public async Task ReadMarker_NothingDelivered_IsNull()
    {
        var target = Open();
        Assert.Null(await target.ReadMarkerAsync(null, Stop));
        Assert.Null(await target.ClaimAsync(null, Stop));
    }

    [Fact]
    public async Task Claim_NewInstance_FindsMarkerOfTheOld()
    {
        await DeliverAsync(await OpenAndClaimAsync(), [new(Destination("a"), "1", "one")]);
        var last = await DeliverAsync(_opened[0], [new(Destination("a"), "2", "two")]);
        await _opened[0].DisposeAsync();
        var second = Open();
        Assert.Equal(last.Marker, await second.ReadMarkerAsync(Recorded, Stop));
        Assert.Equal(last.Marker, await second.ClaimAsync(Recorded, Stop));
        TestRow more = new(Destination("a"), "3", "three");
        await DeliverAsync(second, [more]);
        await AssertVisibleAsync(Destination("a"), [new(Destination("a"), "1", "one"), new(Destination("a"), "2", "two"), more]);
    }

    [Fact]
    public async Task Claim_OlderInstanceBetweenDeliveries_FencesIt()
    {
        Assert.SkipUnless(Fences, "This target doesn't fence.");
        var older = await OpenAndClaimAsync();
        TestRow kept = new(Destination("a"), "1", "one");
        await DeliverAsync(older, [kept]);
        var newer = await OpenAndClaimAsync();
        await Assert.ThrowsAsync<FencedException>(() => older.DeliverAsync(Batch([new(Destination("a"), "2", "zombie")]), Stop).AsTask());
        await AssertVisibleAsync(Destination("a"), [kept]);
        await DeliverAsync(newer, [new(Destination("a"), "3", "three")]);
        await AssertVisibleAsync(Destination("a"), [kept, new(Destination("a"), "3", "three")]);
    }

    [Fact]
    public async Task Claim_OlderInstanceInMidTransaction_FencesItAndShowsNothingOfIt()
    {
        Assert.SkipUnless(Fences, "This target doesn't fence.");
        var older = await OpenAndClaimAsync();
        using var midway = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var batch = Batch([new(Destination("a"), "1", "zombie"), new(Destination("a"), "2", "zombie")], 0);
        batch.BeforeRow = number =>
        {
            if (number != 2) return;
            midway.Set();
            goOn.Wait(TimeSpan.FromSeconds(60));
        };
        var zombie = Task.Run(() => older.DeliverAsync(batch, Stop).AsTask(), Stop);
        midway.Wait(Stop);
        var newer = await OpenAndClaimAsync();
        goOn.Set();
        await Assert.ThrowsAsync<FencedException>(() => zombie);
        TestRow row = new(Destination("a"), "3", "three");
        await DeliverAsync(newer, [row]);
        await AssertVisibleAsync(Destination("a"), [row]);
    }

    [Fact]
    public async Task Deliver_ExceptionMidway_ShowsNothingAndNextClaimGoesOn()
    {
        var target = await OpenAndClaimAsync();
        TestRow before = new(Destination("a"), "0", "before"), after = new(Destination("a"), "9", "after");
        var delivered = await DeliverAsync(target, [before]);
        var failing = Batch([new(Destination("a"), "1", "lost"), new(Destination("a"), "2", "lost"), new(Destination("a"), "3", "lost")], 0);
        failing.BeforeRow = number => _ = number == 2 ? throw new ConnectorException("of the test") : 0;
        await Assert.ThrowsAsync<ConnectorException>(() => target.DeliverAsync(failing, Stop).AsTask());
        await AssertVisibleAsync(Destination("a"), [before]);
        Assert.Equal(delivered.Marker, await target.ReadMarkerAsync(Recorded, Stop));
        Assert.Equal(delivered.Marker, await target.ClaimAsync(Recorded, Stop));
        await DeliverAsync(target, [after]);
        await AssertVisibleAsync(Destination("a"), [before, after]);
    }

    [Fact]
    public async Task Deliver_SeveralDestinations_AreOneTransaction()
    {
        var target = await OpenAndClaimAsync();
        TestRow[] rows = [new(Destination("a"), "1", "one"), new(Destination("b"), "1", "uno"), new(Destination("a"), "2", "two"), KeepsHistory ? new(Destination("c"), null, "no key") : new(Destination("c"), "3", "drei")];
        await DeliverAsync(target, rows);
        foreach (var name in (string[])["a", "b", "c"]) await AssertVisibleAsync(Destination(name), [.. rows.Where(r => r.Destination == Destination(name))]);
    }

    [Fact]
    public async Task Deliver_OneKeyManyTimes_KeepsOrder()
    {
        var target = await OpenAndClaimAsync();
        var rows = Enumerable.Range(0, 3000).Select(i => new TestRow(Destination("a"), $"{i % 7}", $"{i}")).ToArray();
        foreach (var part in rows.Chunk(700)) await DeliverAsync(target, part);
        if (!KeepsHistory)
        {
            await AssertVisibleAsync(Destination("a"), rows);
            return;
        }

        var visible = await ReadAsync(Destination("a"));
        foreach (var key in rows.GroupBy(r => r.Key)) Assert.Equal(key.Select(r => r.Value), visible.Where(v => v.Key == key.Key).Select(v => v.Value));
        Assert.Equal(rows.Length, visible.Count);
    }

    [Fact]
    public async Task Deliver_NoValue_IsTombstone()
    {
        var target = await OpenAndClaimAsync();
        TestRow[] rows = [new(Destination("a"), "1", "one"), new(Destination("a"), "1", null)];
        await DeliverAsync(target, rows);
        await AssertVisibleAsync(Destination("a"), rows);
    }

    [Fact]
    public async Task Deliver_EmptyBatch_WritesOnlyTheMarker()
    {
        var target = await OpenAndClaimAsync();
        await DeliverAsync(target, [new(Destination("a"), "1", "one")]);
        var delivered = await DeliverAsync(target, []);
        Assert.Equal(delivered.Marker, await target.ReadMarkerAsync(Recorded, Stop));
        await AssertVisibleAsync(Destination("a"), [new(Destination("a"), "1", "one")]);
    }

    [Fact]
    public async Task Deliver_LargeBatch_IsWhole()
    {
        var target = await OpenAndClaimAsync();
        var filler = new string('x', 200);
        var rows = Enumerable.Range(0, 200_000).Select(i => new TestRow(Destination("a"), $"{i}", $"{i} {filler}")).ToArray();
        await DeliverAsync(target, rows);
        await AssertVisibleAsync(Destination("a"), rows);
    }

    [Fact]
    public async Task Deliver_OversizedRow_IsRefusedByNameAndLeavesNothing()
    {
        Assert.SkipWhen(Oversized is null, "This target takes rows of any size.");
        var target = await OpenAndClaimAsync();
        var delivered = await DeliverAsync(target, []);
        var bad = await Assert.ThrowsAsync<BadDataException>(() => target.DeliverAsync(Batch([new(Oversized.Destination, "1", "one"), Oversized]), Stop).AsTask());
        Assert.Contains(NameOf(Oversized.Destination), bad.Message, StringComparison.Ordinal);
        Assert.Contains(Oversized.Key!, bad.Message, StringComparison.Ordinal);
        Assert.Equal(delivered.Marker, await target.ClaimAsync(Recorded, Stop));
        await AssertVisibleAsync(Oversized.Destination, []);
    }

    /// <summary>A further instance of the target, as another start of the pipeline or its zombie would have.</summary>
    protected ITarget Open(params string[] destinations)
    {
        var target = Factory.Open(new TargetContext(PipelineName, Pipeline, destinations, NullLogger.Instance, TimeProvider.System));
        _opened.Add(target);
        return target;
    }

    protected async Task<ITarget> OpenAndClaimAsync(params string[] destinations)
    {
        var target = Open(destinations);
        await target.ClaimAsync(Recorded, Stop);
        return target;
    }

    /// <summary>Delivers as a pipeline does: after a fault that passes it claims anew, and the marker says whether the transaction holds.</summary>
    private protected async Task<DeliveredMarker> DeliverAsync(ITarget target, IReadOnlyList<TestRow> rows)
    {
        var marker = NextMarker(rows.Count);
        while (true)
        {
            try
            {
                Recorded = await target.DeliverAsync(With(new TestBatch(rows, marker)), Stop);
                return Recorded.Value;
            }
            catch (ConnectorException e) when (e.IsTransient && e is not FencedException)
            {
                if (!marker.Equals(await target.ClaimAsync(Recorded, Stop))) continue;
                Recorded = new DeliveredMarker(marker, Recorded?.Note);
                return Recorded.Value;
            }
        }
    }

    private protected TestBatch Batch(IReadOnlyList<TestRow> rows) => Batch(rows, rows.Count);

    private protected TestBatch Batch(IReadOnlyList<TestRow> rows, int offset) => With(new TestBatch(rows, NextMarker(offset)));

    protected Marker NextMarker(int rows = 0)
    {
        _commit = _commit.Next();
        return new Marker(Pipeline, Incarnation, Factory.Name, _commit, rows, IsWhole: true, Frontier.Empty.With("source", new Position($"{_commit}")));
    }

    /// <summary>Exactly these rows, in any order (the order within a key has a test of its own).</summary>
    protected async Task AssertVisibleAsync(string destination, IReadOnlyList<TestRow> rows) =>
        Assert.Equal((KeepsHistory ? rows : rows.GroupBy(r => r.Key).Select(g => g.Last()).Where(r => r.Value is not null)).OrderBy(r => r.Key).ThenBy(r => r.Value), (await ReadAsync(destination)).OrderBy(r => r.Key).ThenBy(r => r.Value));
}
