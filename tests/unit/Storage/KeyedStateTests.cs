using System.Runtime.CompilerServices;
using CsCheck;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class KeyedStateTests
{
    private static readonly OperatorId Id = new(7);

    [Fact]
    public void GetOrAdd_NewKey_IsDefaultAndThenKept()
    {
        using var store = new StateStore(null, new StateOptions());
        var state = store.Keyed<string, (long Count, long Sum)>(Id);
        ref var value = ref state.GetOrAdd("ann", out var existed);
        Assert.False(existed);
        value.Count++;
        Assert.Equal(1, state.GetOrAdd("ann", out existed).Count);
        Assert.True(existed);
        Assert.Equal(1, state.Count);
    }

    [Fact]
    public void SaveChanges_DirtyTwice_EncodesOnce()
    {
        using var store = new StateStore(null, new StateOptions());
        var state = store.Keyed<int, long>(Id);
        state.Set(1, 10);
        state.Set(1, 11);
        state.Set(2, 20);
        using var changes = new StateChanges();
        store.SaveChanges(changes, new CommitNumber(1));
        Assert.Equal(2, changes.Entries);
        store.SaveChanges(changes, new CommitNumber(2));
        Assert.Equal(2, changes.Entries);
    }

    [Fact]
    public void SaveChanges_CameAndWentBetweenCommits_WritesNothing()
    {
        using var store = new StateStore(null, new StateOptions());
        var state = store.Keyed<int, long>(Id);
        state.Set(1, 10);
        Assert.True(state.Remove(1));
        using var changes = new StateChanges();
        store.SaveChanges(changes, new CommitNumber(1));
        Assert.Equal(0, changes.Entries);
        Assert.Equal(0, state.Count);
    }

    [Fact]
    public void Keyed_RestartedWithScaleInTheKey_KeepsTheScale()
    {
        KeyedState<decimal, int> state = null!;
        using var harness = new StateHarness(new StateOptions(), store => state = store.Keyed<decimal, int>(Id));
        state.Set(1.50m, 3);
        harness.Commit();
        harness.Checkpoint(harness.Committed);
        harness.Restart();
        Assert.Equal("1.50", Assert.Single(state.All()).Key.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(state.TryGet(1.5m, out var value));
        Assert.Equal(3, value);
    }

    [Fact]
    public void RandomUse_TinyBudget_EqualsDictionary() => Model(budget: 1200, iterations: 20);

    [Fact]
    public void RandomUse_LargeBudget_EqualsDictionary() => Model(budget: 1 << 20, iterations: 10);

    [Fact]
    [Trait("suite", "long")]
    public void RandomUse_ManySeeds_EqualsDictionary()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1", "Runs with PATHWAY_LONG=1.");
        Model(budget: 1200, iterations: 1000);
        Model(budget: 1 << 20, iterations: 500);
    }

    private static void Model(long budget, int iterations) =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 40], Gen.Long).Array[0, 400].Sample(
            steps =>
            {
                KeyedState<string, (long, string)> state = null!;
                using var harness = new StateHarness(new StateOptions { BudgetBytes = budget }, store => state = store.Keyed<string, (long, string)>(Id));
                var model = new Dictionary<string, (long, string)>();
                foreach (var (what, keyNumber, number) in steps) Step(harness, state: () => state, model, what, $"key{keyNumber}", number);
                Assert.Equal(model.OrderBy(m => m.Key, StringComparer.Ordinal), state.All().OrderBy(m => m.Key, StringComparer.Ordinal));
            },
            iter: iterations);

    private static void Step(StateHarness harness, Func<KeyedState<string, (long, string)>> state, Dictionary<string, (long, string)> model, int what, string key, long number)
    {
        switch (what)
        {
            case < 25:
                model[key] = (number, $"value {number}");
                state().Set(key, model[key]);
                break;
            case < 33:
                ref var value = ref state().GetOrAdd(key, out var existed);
                Assert.Equal(model.ContainsKey(key), existed);
                if (existed) Assert.Equal(model[key], value);
                value = (number, "added");
                model[key] = value;
                break;
            case < 40:
                // Many at once, one of them twice, as a group-by does.
                string[] keys = [key, .. Enumerable.Range(0, (int)(number & 15)).Select(n => $"key{n * 3}"), key];
                var places = new SlotPlace[keys.Length];
                state().Seek(keys, places);
                for (var at = 0; at < keys.Length; at++)
                {
                    var slot = state().SlotOf(keys[at], places[at]);
                    Assert.Equal(model.GetValueOrDefault(keys[at]), state().ValueAt(slot));
                    Assert.Equal(keys[at], state().KeyAt(slot));
                    state().ValueAt(slot) = model[keys[at]] = (number + at, "sought");
                    state().Changed(slot);
                }

                break;
            case < 50:
                ref var found = ref state().TryGetRef(key);
                Assert.Equal(model.ContainsKey(key), !Unsafe.IsNullRef(ref found));
                if (Unsafe.IsNullRef(ref found)) break;
                found.Item1 = number;
                model[key] = found;
                break;
            case < 65:
                Assert.Equal(model.Remove(key), state().Remove(key));
                break;
            case < 80:
                Assert.Equal(model.TryGetValue(key, out var expected), state().TryGet(key, out var actual));
                Assert.Equal(expected, actual);
                break;
            case < 88:
                harness.Commit();
                break;
            case < 92:
                harness.Checkpoint(new CommitNumber(harness.Db.Checkpoint.Value + (ulong)number % (harness.Committed.Value - harness.Db.Checkpoint.Value + 1)), tell: what != 88);
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

        if (state().IsComplete) Assert.Equal(model.Count, state().Count);
    }
}
