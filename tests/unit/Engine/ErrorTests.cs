using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>Errors as data: a row on which a function throws is left out and is an error row for as long as it is there; everything else is as if it had never come.</summary>
public sealed class ErrorTests
{
    private const string ByZero = "Attempted to divide by zero.";

    [Fact]
    public void Select_RowThrows_IsAnErrorWhileItIsThere() => TableLaw.Holds(
        i => i.A.Select(r => (r.Id, 12 / r.Value)), p => p.A.Where(r => r.Value != 0).Select(r => (r.Id, 12 / r.Value)), p => p.A.Where(r => r.Value == 0).Select(r => (r.ToString(), ByZero)));

    [Fact]
    public void Where_ConditionThrows_IsAnErrorWhileItIsThere() => TableLaw.Holds(
        i => i.A.Where(r => 4 / r.Value > 1), p => p.A.Where(r => r.Value != 0 && 4 / r.Value > 1), p => p.A.Where(r => r.Value == 0).Select(r => (r.ToString(), ByZero)));

    [Fact]
    public void SelectMany_ThrowsBehindSomeRows_GivesNoneOfThem() => TableLaw.Holds(
        i => i.A.SelectMany(Parts), p => p.A.Where(r => r.Value != 0).SelectMany(Parts), p => p.A.Where(r => r.Value == 0).Select(r => (r.ToString(), ByZero)));

    [Fact]
    public void Join_KeyOrResultThrows_IsAnErrorForEachRowOrPair() => TableLaw.Holds(
        i => i.A.Join(i.B, a => 12 / a.Value, b => b.Value, (a, b) => 6 / (a.Id - b.Id)),
        p => Pairs(p).Where(x => x.A.Id != x.B.Id).Select(x => 6 / (x.A.Id - x.B.Id)),
        p => p.A.Where(a => a.Value == 0).Select(a => (a.ToString(), ByZero)).Concat(Pairs(p).Where(x => x.A.Id == x.B.Id).Select(x => ($"{x.A} with {x.B}", ByZero))));

    [Fact]
    public void LeftJoin_KeyOrResultThrows_IsAnErrorForEachRowOrPair() => TableLaw.Holds(
        i => i.A.LeftJoin(i.B, a => 12 / a.Value, b => b.Value, (a, b) => b is null ? 8 / a.Id : 6 / (a.Id - b.Id)),
        p => Pairs(p).Where(x => x.A.Id != x.B.Id).Select(x => 6 / (x.A.Id - x.B.Id)).Concat(Alone(p).Where(a => a.Id != 0).Select(a => 8 / a.Id)),
        p => p.A.Where(a => a.Value == 0).Select(a => (a.ToString(), ByZero))
            .Concat(Pairs(p).Where(x => x.A.Id == x.B.Id).Select(x => ($"{x.A} with {x.B}", ByZero)))
            .Concat(Alone(p).Where(a => a.Id == 0).Select(a => (a.ToString(), ByZero))));

    [Fact]
    public void SemiJoin_KeyThrows_IsAnErrorOfItsSide() => TableLaw.Holds(
        i => i.A.SemiJoin(i.B, a => 12 / a.Value, b => 12 / b.Value),
        p => p.A.Where(a => a.Value != 0 && p.B.Any(b => b.Value != 0 && 12 / b.Value == 12 / a.Value)),
        p => p.A.Concat(p.B).Where(r => r.Value == 0).Select(r => (r.ToString(), ByZero)));

    [Fact]
    public void GroupBy_KeyReducerOrResultThrows_LeavesTheRowOrTheGroupOut() => TableLaw.Holds(
        i => i.A.GroupBy(a => 12 / a.Value).Select(g => new { g.Key, N = g.Count(), S = g.Sum(a => a.Id), T = g.Sum(a => 60 / a.Id), Q = 100 / (g.Count() - 2) }).Rows(),
        p => Groups(p).Where(g => g.Count() != 2).Select(g => new { g.Key, N = (long)g.Count(), S = g.Sum(a => a.Id), T = g.Sum(a => 60 / a.Id), Q = 100L / (g.Count() - 2) }),
        p => p.A.Where(a => a.Value == 0 || a.Id == 0).Select(a => (a.ToString(), ByZero)).Concat(Groups(p).Where(g => g.Count() == 2).Select(g => ($"{g.Key}", ByZero))));

    [Fact]
    public void GroupBy_OrderedReducerThrows_LeavesTheRowOrTheGroupOut() => TableLaw.Holds(
        i => i.A.GroupBy(a => 12 / a.Value).Select(g => new { g.Key, N = g.Count(), M = g.Max(a => a.Value), T = g.Min(a => 60 / a.Id), Q = 100 / (g.Max(a => a.Id) - 2) }).Rows(),
        p => Groups(p).Where(g => g.Max(a => a.Id) != 2).Select(g => new { g.Key, N = (long)g.Count(), M = g.Max(a => a.Value), T = g.Min(a => 60 / a.Id), Q = 100 / (g.Max(a => a.Id) - 2) }),
        p => p.A.Where(a => a.Value == 0 || a.Id == 0).Select(a => (a.ToString(), ByZero)).Concat(Groups(p).Where(g => g.Max(a => a.Id) == 2).Select(g => ($"{g.Key}", ByZero))));

    [Fact]
    public void Zip_ResultThrows_IsAnErrorOfTheKey() => TableLaw.Holds(
        i => i.K.Zip(i.L, (k, l) => k.Value / l.Value).Rows(),
        p => p.K.Where(k => p.L.TryGetValue(k.Key, out var l) && l.Value != 0).Select(k => k.Value.Value / p.L[k.Key].Value),
        p => p.K.Where(k => p.L.TryGetValue(k.Key, out var l) && l.Value == 0).Select(k => ($"{k.Key}", ByZero)));

    [Fact]
    public void Neighbours_OrderOrResultThrows_IsAnErrorOfTheRow() => TableLaw.Holds(
        i => i.A.Distinct().Diff(_ => 0, a => 12 / a.Value, (before, a) => a.Id / (before?.Id ?? 1)),
        p => Ordered(p).Where(x => x.Before?.Id != 0).Select(x => x.Row.Id / (x.Before?.Id ?? 1)),
        p => p.A.Distinct().Where(a => a.Value == 0).Select(a => (a.ToString(), ByZero)).Concat(Ordered(p).Where(x => x.Before?.Id == 0).Select(x => (x.Row.ToString(), ByZero))));

    [Fact]
    public void Top_OrderThrows_IsAnErrorOfTheRow() => TableLaw.Holds(
        i => i.A.Top(1, a => a.Id, a => 12 / a.Value).Select(a => (a.Id, 12 / a.Value)),
        p => p.A.Where(a => a.Value != 0).GroupBy(a => a.Id).Select(g => (g.Key, g.Max(a => 12 / a.Value))),
        p => p.A.Where(a => a.Value == 0).Select(a => (a.ToString(), ByZero)));

    [Fact]
    public void Try_RowThrows_KeepsItWithTheMessage() => TableLaw.Holds(
        i => i.K.Try(r => 12 / r.Value, (r, q) => new { r.Id, Q = q }),
        p => p.K.Select(r => KeyValuePair.Create(r.Key, new { r.Value.Id, Q = r.Value.Value == 0 ? new Attempt<int>(false, 0, ByZero) : new Attempt<int>(true, 12 / r.Value.Value, null) })));

    [Fact]
    public void Sum_OverflowsWithAnotherRow_StopsThoughErrorsGoOn()
    {
        // Which of the rows is too many depends on their order: that can't be an error of one of them.
        using var test = new TestPipeline(onError: ErrorPolicy.Continue);
        var input = test.Rows<decimal>("a");
        test.Collect(input.Table.Aggregate(all => all.Sum(v => v)));
        input.Push(decimal.MaxValue);
        input.Push(decimal.MaxValue);
        Assert.Throws<BadDataException>(test.CloseEpoch);
    }

    [Fact]
    public void Errors_StepOverThemThrows_Stops()
    {
        using var test = new TestPipeline(onError: ErrorPolicy.Continue);
        var input = test.Rows<int>("a");
        test.Collect(input.Table.Select(v => 1 / v));
        test.Collect(test.Errors.Select(e => e.Message.Length / 0.0m));
        input.Push(0);
        Assert.Contains("Select", Assert.Throws<BadDataException>(test.CloseEpoch).Message);
    }

    [Fact]
    public void Errors_OfSeveralSteps_NameTheStepAndCutTheRow()
    {
        using var test = new TestPipeline(onError: ErrorPolicy.Continue);
        var input = test.Rows<string>("a");
        test.Collect(input.Table.Select(int.Parse).Named("numbers"));
        var errors = test.Collect(test.Errors);
        input.Push(new string('x', 2000));
        test.CloseEpoch();
        var error = Assert.Single(errors.Rows);
        Assert.Equal("numbers", error.Step);
        Assert.Equal(1001, error.Row.Length);
    }

    private static IEnumerable<int> Parts(Item item)
    {
        yield return item.Id;
        yield return 12 / item.Value;
    }

    private static IEnumerable<(Item A, Item B)> Pairs(Present p) => p.A.Where(a => a.Value != 0).SelectMany(a => p.B.Where(b => 12 / a.Value == b.Value).Select(b => (a, b)));

    private static IEnumerable<Item> Alone(Present p) => p.A.Where(a => a.Value != 0 && p.B.All(b => 12 / a.Value != b.Value));

    private static IEnumerable<IGrouping<int, Item>> Groups(Present p) => p.A.Where(a => a.Value != 0 && a.Id != 0).GroupBy(a => 12 / a.Value);

    private static List<(Item? Before, Item Row)> Ordered(Present p)
    {
        var rows = p.A.Distinct().Where(a => a.Value != 0).OrderBy(a => 12 / a.Value).ThenBy(a => a, Pathway.Storage.RowOrder.Of<Item>()).ToList();
        return [.. rows.Select((r, i) => (i == 0 ? null : rows[i - 1], r))];
    }
}
