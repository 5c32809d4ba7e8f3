using Pathway.Core;
using JsonFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Engine;

/// <summary>What can't be computed is refused when it is described, with a sentence that says what to do.</summary>
[Trait("suite", "unit")]
public sealed class PlanRefusalTests
{
    [Fact]
    public void Tables_OfTwoPipelines_AreRefused()
    {
        var (one, two) = (Pipeline.Create("one"), Pipeline.Create("two"));
        var orders = one.Table(JsonFiles.Table<int, Order>("orders.jsonl", o => o.Id));
        var others = two.Table(JsonFiles.Table<int, Order>("others.jsonl", o => o.Id));
        orders.Join(others, o => o.Id, o => o.Id, (left, right) => new Order(left.Id, left.Amount + right.Amount)).To(JsonFiles.ChangeSink<Order>("sums.jsonl"));
        var refused = Assert.Throws<ConfigurationException>(() => one.Plan());
        Assert.Contains("'others.jsonl' of another pipeline", refused.Message);
    }

    [Fact]
    public void Reducer_InsideOfAReducer_IsRefused()
    {
        var orders = Pipeline.Create("one").Table(JsonFiles.Table<int, Order>("orders.jsonl", o => o.Id));
        var refused = Assert.Throws<ConfigurationException>(() => orders.GroupBy(o => o.Id).Select(g => new { g.Key, Sum = g.Sum(o => o.Amount * g.Count()) }));
        Assert.Contains("looks at the group inside of its own lambda", refused.Message);
    }

    private sealed record Order(int Id, long Amount);
}
