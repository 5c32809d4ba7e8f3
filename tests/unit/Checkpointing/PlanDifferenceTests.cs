using Pathway.Checkpointing;
using Pathway.Core;

namespace Pathway.Tests.Unit.Checkpointing;

[Trait("suite", "unit")]
public sealed class PlanDifferenceTests
{
    private static readonly PlanStep Source = new("orders", "Source", "Order(int Id)", "public.orders", false);
    private static readonly PlanStep Filter = new("orders/where", "Where", "Order(int Id)", "o => o.Id > 1", false);
    private static readonly PlanStep Group = new("orders/group", "GroupBy", "int → (int Key, long Count)", "g.Count()", true);

    private static PlanDifference Between(PlanStep[] before, PlanStep[] after) => PlanDifference.Between(new PlanDescription(before), new PlanDescription(after));

    [Fact]
    public void Between_SamePlan_IsNone() => Assert.True(Between([Source, Filter], [Source, Filter]).IsNone);

    [Fact]
    public void Between_OtherOrder_IsNone() => Assert.True(Between([Source, Filter], [Filter, Source]).IsNone);

    [Fact]
    public void Between_ChangedText_NamesBeforeAndAfter()
    {
        var difference = Between([Source, Filter], [Source, Filter with { Text = "o => o.Id > 2" }]);
        Assert.False(difference.IsNone);
        Assert.False(difference.BreaksState);
        Assert.Contains("o => o.Id > 1", difference.ToString());
        Assert.Contains("o => o.Id > 2", difference.ToString());
    }

    [Fact]
    public void Between_NewAndGoneSteps_AreListed()
    {
        var difference = Between([Source, Filter], [Source, Group]);
        Assert.Equal([Group], difference.New);
        Assert.Equal([Filter], difference.Gone);
        Assert.Equal(1, difference.Kept);
    }

    [Fact]
    public void Between_RetypedState_BreaksState() => Assert.True(Between([Group], [Group with { Types = "long → (long Key, long Count)" }]).BreaksState);
}
