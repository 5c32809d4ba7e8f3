using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class StateStoreTests
{
    [Fact]
    public void Maintain_NothingCovered_EvictsNothingAndWantsACheckpoint()
    {
        KeyedState<int, string> state = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 20_000 }, store => state = store.Keyed<int, string>(new OperatorId(1)));
        for (var i = 0; i < 1000; i++) state.Set(i, "value");
        Assert.False(harness.Store.WantsCheckpoint);    // nothing is committed that a checkpoint could cover
        harness.Commit();
        harness.Store.Maintain();
        Assert.True(state.IsComplete);
        Assert.Equal(1000, state.Count);
        Assert.True(harness.Store.WantsCheckpoint);
    }

    [Fact]
    public void Maintain_NothingCovered_IsFullUntilACheckpoint()
    {
        KeyedState<int, string> state = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 20_000 }, store => state = store.Keyed<int, string>(new OperatorId(1)));
        for (var i = 0; i < 1000; i++) state.Set(i, "value");
        harness.Store.Maintain();
        Assert.True(harness.Store is { IsFull: true, WantsCommit: true, WantsCheckpoint: false });    // nothing is committed that a checkpoint could cover
        harness.Commit();
        harness.Store.Maintain();
        Assert.True(harness.Store is { IsFull: true, WantsCommit: false, WantsCheckpoint: true });
        harness.Checkpoint(harness.Committed);
        harness.Store.Maintain();
        Assert.True(harness.Store is { IsFull: false, WantsCommit: false, WantsCheckpoint: false });
        Assert.InRange(harness.Store.CacheBytes, 1, 20_000);
    }

    [Fact]
    public void Maintain_OrdersTakeMoreThanThereIs_ForgetsThemAndStillGivesRowsInOrder()
    {
        OrderedState<int, int> state = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 100_000 }, store => state = store.Ordered<int, int>(new OperatorId(1)));
        for (var row = 0; row < 1_000; row++) state.Add(1, 7919 * row % 1000, 1);
        harness.Commit();
        var unordered = harness.Store.CacheBytes;
        Assert.Equal(1_000, state.Rows(1).Count);
        Assert.InRange(harness.Store.CacheBytes - unordered, 1_000 * sizeof(int), 40_000);
        state.Add(1, -1, 1);
        for (var row = 0; row < 4_000; row++) state.Add(2, row, 1);
        harness.Commit();
        harness.Store.Maintain();    // nothing is covered, so nothing else can go
        Assert.True(harness.Store.IsFull);
        harness.Checkpoint(harness.Committed);
        harness.Store.Maintain();
        Assert.InRange(harness.Store.CacheBytes, 0, 100_000);
        var rows = state.Rows(1);
        Assert.Equal((1_001, -1, 999), (rows.Count, rows.First.Row, rows.Last.Row));
    }

    [Fact]
    public void SaveChanges_AfterManyWereEvicted_GivesTheirRoomBackAndLosesNothing()
    {
        const int Keys = 100_000;
        KeyedState<int, long> state = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 1 << 20 }, store => state = store.Keyed<int, long>(new OperatorId(1)));
        for (var i = 0; i < Keys; i++) state.Set(i, i);
        for (var i = 0; i < Keys; i += 1000) state.Set(-1 - i, i);
        harness.Commit();
        for (var i = 0; i < Keys; i += 1000) state.Remove(-1 - i);    // what hides entries of RocksDB is moved as well
        harness.Checkpoint(harness.Committed);
        harness.Commit();
        harness.Store.Maintain();
        state.Set(0, 0);
        harness.Commit();
        Assert.InRange(state.SlotLimit, 1, Keys / 2);
        harness.Checkpoint(harness.Committed);
        harness.Store.Maintain();
        for (var i = 0; i < Keys; i++) Assert.True(state.TryGet(i, out var value) && value == i);
        for (var i = 0; i < Keys; i += 1000) Assert.False(state.TryGet(-1 - i, out _));
        for (var i = 0; i < Keys; i += 3) state.Set(i, -i);
        harness.Commit();
        harness.Restart();
        for (var i = 0; i < Keys; i++) Assert.True(state.TryGet(i, out var value) && value == (i % 3 == 0 ? -i : i));
    }

    [Fact]
    public void Maintain_Covered_EvictsToTheBudgetAndStillReadsEverything()
    {
        KeyedState<int, string> state = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 20_000 }, store => state = store.Keyed<int, string>(new OperatorId(1)));
        for (var i = 0; i < 1000; i++) state.Set(i, $"value {i}");
        harness.Commit();
        harness.Checkpoint(harness.Committed);
        Assert.False(harness.Store.WantsCheckpoint);
        harness.Store.Maintain();
        Assert.InRange(harness.Store.CacheBytes, 1, 20_000);
        Assert.False(state.IsComplete);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(state.TryGet(i, out var value));
            Assert.Equal($"value {i}", value);
        }

        Assert.False(state.TryGet(1000, out _));
        Assert.Equal(1000, state.All().Count());
    }

    [Fact]
    public void Keyed_RestartThatFitsTheBudget_IsComplete()
    {
        KeyedState<int, string> state = null!;
        using var harness = new StateHarness(new StateOptions(), store => state = store.Keyed<int, string>(new OperatorId(1)));
        for (var i = 0; i < 1000; i++) state.Set(i, "value");
        harness.Commit();
        harness.Checkpoint(harness.Committed);
        harness.Restart();
        Assert.True(state.IsComplete);
        Assert.Equal(1000, state.Count);
    }

    [Fact]
    public void Keyed_RestartThatDoesNotFitTheBudget_ReadsWhatIsAskedFor()
    {
        KeyedState<int, string> state = null!;
        Arrangement<int, string> rows = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 5_000 }, store =>
        {
            state = store.Keyed<int, string>(new OperatorId(1));
            rows = store.Arrange<int, string>(new OperatorId(2));
        });
        for (var i = 0; i < 1000; i++)
        {
            state.Set(i, $"value {i}");
            rows.Add(i, $"row {i}", 1);
        }

        harness.Commit();
        harness.Checkpoint(harness.Committed);
        harness.Restart();
        Assert.False(state.IsComplete);
        Assert.False(rows.IsComplete);
        Assert.True(state.TryGet(999, out var value));
        Assert.Equal("value 999", value);
        Assert.Equal([new Delta<string>("row 998", 1)], rows.Rows(998).ToArray());
        Assert.Equal(1000, state.All().Count());
        Assert.Equal(1000, rows.All().Count());
    }

    [Fact]
    public void Replay_OperatorNotInThePlan_IsRefused()
    {
        using var store = new StateStore(null, new StateOptions());
        store.Keyed<int, long>(new OperatorId(1)).Set(1, 1);
        using var changes = new StateChanges();
        store.SaveChanges(changes, new CommitNumber(1));
        using var other = new StateStore(null, new StateOptions());
        other.Keyed<int, long>(new OperatorId(2));
        Assert.Contains("operator 1", Assert.Throws<RefusalException>(() => other.Replay(changes.Bytes.Span, new CommitNumber(1))).Message);
    }

    [Fact]
    public void Replay_TornChanges_IsRefused()
    {
        using var store = new StateStore(null, new StateOptions());
        store.Keyed<int, long>(new OperatorId(1)).Set(1, 1);
        using var changes = new StateChanges();
        store.SaveChanges(changes, new CommitNumber(1));
        using var other = new StateStore(null, new StateOptions());
        other.Keyed<int, long>(new OperatorId(1));
        Assert.Throws<RefusalException>(() => other.Replay(changes.Bytes.Span[..^1], new CommitNumber(1)));
    }

    [Fact]
    public void Keyed_SameOperatorTwice_IsABug()
    {
        using var store = new StateStore(null, new StateOptions());
        store.Keyed<int, long>(new OperatorId(1));
        Assert.Throws<InvariantException>(() => store.Arrange<int, long>(new OperatorId(1)));
        Assert.Throws<InvariantException>(() => store.Keyed<int, long>(new OperatorId(0)));
    }

    [Fact]
    public void Changes_PutAndDelete_ReadBack()
    {
        using var changes = new StateChanges();
        changes.Put([1, 2], [3]);
        changes.Delete([4]);
        changes.Put([5], []);
        Assert.Equal(3, changes.Entries);
        var rest = changes.Bytes.Span;
        Assert.True(StateChanges.TryRead(ref rest, out var key, out var value, out var isDelete));
        Assert.Equal([1, 2], key.ToArray());
        Assert.Equal([3], value.ToArray());
        Assert.False(isDelete);
        Assert.True(StateChanges.TryRead(ref rest, out key, out _, out isDelete));
        Assert.True(isDelete && key.SequenceEqual((ReadOnlySpan<byte>)[4]));
        Assert.True(StateChanges.TryRead(ref rest, out _, out value, out isDelete));
        Assert.True(!isDelete && value.IsEmpty);
        Assert.False(StateChanges.TryRead(ref rest, out _, out _, out _));
    }
}
