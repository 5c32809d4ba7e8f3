using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Connectors;

[Trait("suite", "unit")]
public sealed class TimelineHistoryTests
{
    [Fact]
    public void Parse_TwoPromotions_SaysWhereEachTimelineWasLeft()
    {
        var history = TimelineHistory.Parse("1\t0/3000148\tno recovery target specified\n\n# a comment\n2\t1/A0\tat restore point \"x\"\n");

        Assert.Equal(Lsn.Parse("0/3000148"), history.LeftAt(1));
        Assert.Equal(Lsn.Parse("1/A0"), history.LeftAt(2));
        Assert.Null(history.LeftAt(3));
    }

    [Fact]
    public void Parse_SomethingElse_NamesTheLine()
    {
        var failure = Assert.Throws<ConnectorException>(() => TimelineHistory.Parse("one two"));

        Assert.Contains("'one two'", failure.Message, StringComparison.Ordinal);
    }
}
