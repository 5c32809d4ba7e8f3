namespace Pathway.Tests.Integration.Kills;

/// <summary>Joins and reducers with four workers, killed again and again: each output holds exactly what LINQ computes from the rows that are there.</summary>
[Trait("suite", "kill")]
public sealed class ShopKillTests(ITestOutputHelper output) : ProgramKillTest(output)
{
    private readonly ShopTraffic _traffic = new();

    [Fact]
    public Task JoinsAndReducers_KilledAgainAndAgain_AreThoseOfTheRows() => KillAgainAndAgainAsync("shop", writesFiles: true, _traffic.Next, () => _traffic.IsIn(Files));
}
