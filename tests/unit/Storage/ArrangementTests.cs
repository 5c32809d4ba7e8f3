using CsCheck;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class ArrangementTests
{
    private static readonly OperatorId Id = new(9);

    public sealed record Line(int Number, string Text, decimal Price);

    [Fact]
    public void Add_WeightsThatCancel_LeaveNoRow()
    {
        using var store = new StateStore(null, new StateOptions());
        var lines = store.Arrange<int, Line>(Id);
        lines.Add(1, new Line(1, "a", 1), +2);
        lines.Add(1, new Line(2, "b", 2), +1);
        lines.Add(1, new Line(1, "a", 1), -2);
        Assert.Equal([new Delta<Line>(new Line(2, "b", 2), 1)], lines.Rows(1).ToArray());
        Assert.Equal(0, lines.Rows(2).Length);
    }

    [Fact]
    public void SaveChanges_RowsThatCameAndWent_AreNotWritten()
    {
        using var store = new StateStore(null, new StateOptions());
        var lines = store.Arrange<int, Line>(Id);
        lines.Add(1, new Line(1, "a", 1), +1);
        lines.Add(1, new Line(1, "a", 1), -1);
        lines.Add(2, new Line(1, "a", 1), +1);
        using var changes = new StateChanges();
        store.SaveChanges(changes, new CommitNumber(1));
        Assert.Equal(1, changes.Entries);
        Assert.Equal(1, lines.KeyCount);
    }

    [Fact]
    public void Rows_DeletedThenTouchedInVainBeforeACheckpoint_StayDeleted()
    {
        Arrangement<int, Line> lines = null!;
        using var harness = new StateHarness(new StateOptions { BudgetBytes = 400 }, store => lines = store.Arrange<int, Line>(Id));
        for (var key = 1; key <= 20; key++) lines.Add(key, new Line(1, "a", 1), +1);
        harness.Commit();
        harness.Checkpoint(harness.Committed);
        lines.Add(1, new Line(1, "a", 1), -1);
        Assert.Equal(1, harness.Commit());
        harness.Store.Maintain();
        Assert.False(lines.IsComplete);
        lines.Add(1, new Line(2, "b", 2), +1);
        lines.Add(1, new Line(2, "b", 2), -1);
        Assert.Equal(0, harness.Commit());
        harness.Store.Maintain();
        Assert.Empty(lines.Rows(1).ToArray());    // RocksDB still has the row
        Assert.Single(lines.Rows(2).ToArray());
    }

    [Fact]
    public void RandomUse_FewRowsForAKeyAndTinyBudget_EqualsDictionary() => Model(keys: 30, rows: 5, budget: 2500, iterations: 20);

    [Fact]
    public void RandomUse_ManyRowsForAKey_EqualsDictionary() => Model(keys: 2, rows: 60, budget: 1 << 20, iterations: 12);

    [Fact]
    public void RandomUse_ManyRowsForAKeyAndTinyBudget_EqualsDictionary() => Model(keys: 3, rows: 60, budget: 3000, iterations: 12);

    [Fact]
    [Trait("suite", "long")]
    public void RandomUse_ManySeeds_EqualsDictionary()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1", "Runs with PATHWAY_LONG=1.");
        Model(keys: 30, rows: 5, budget: 2500, iterations: 500);
        Model(keys: 3, rows: 60, budget: 3000, iterations: 500);
        Model(keys: 2, rows: 60, budget: 1 << 20, iterations: 500);
    }

    private static void Model(int keys, int rows, long budget, int iterations) =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, keys - 1], Gen.Int[0, rows - 1], Gen.Long[-2, 2]).Array[0, 500].Sample(
            steps =>
            {
                Arrangement<int, Line> state = null!;
                using var harness = new StateHarness(new StateOptions { BudgetBytes = budget }, store => state = store.Arrange<int, Line>(Id));
                var model = new Dictionary<(int, Line), long>();
                foreach (var (what, key, row, weight) in steps) Step(harness, () => state, model, what, key, new Line(row, $"line {row}", row / 4m), weight);
                Assert.Equal(Sorted(model.Select(m => (m.Key.Item1, m.Key.Item2, m.Value))), Sorted(state.All().Select(a => (a.Key, a.Value.Row, a.Value.Weight))));
            },
            iter: iterations);

    private static void Step(StateHarness harness, Func<Arrangement<int, Line>> state, Dictionary<(int, Line), long> model, int what, int key, Line row, long weight)
    {
        switch (what)
        {
            case < 60:
                state().Add(key, row, weight);
                model[(key, row)] = model.GetValueOrDefault((key, row)) + weight;
                if (model[(key, row)] == 0) model.Remove((key, row));
                break;
            case < 80:
                Assert.Equal(Sorted(model.Where(m => m.Key.Item1 == key).Select(m => (key, m.Key.Item2, m.Value))), Sorted(state().Rows(key).ToArray().Select(r => (key, r.Row, r.Weight))));
                break;
            case < 88:
                harness.Commit();
                break;
            case < 92:
                harness.Checkpoint(new CommitNumber(harness.Db.Checkpoint.Value + (ulong)row.Number % (harness.Committed.Value - harness.Db.Checkpoint.Value + 1)), tell: what != 88);
                break;
            case < 95:
                harness.Maintain();
                break;
            case < 98:
                harness.Spill();
                harness.Maintain();
                break;
            default:
                harness.Commit();
                harness.Restart();
                break;
        }
    }

    private static List<(int, Line, long)> Sorted(IEnumerable<(int Key, Line Row, long Weight)> rows) => [.. rows.OrderBy(r => r.Key).ThenBy(r => r.Row.Number)];
}
