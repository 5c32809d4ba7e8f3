using Pathway.Connectors;
using Pathway.Core;
using Pathway.Testing;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Subscriptions;

/// <summary>In and out for people: tables written as text, collected, printed, handed to functions.</summary>
public sealed class SubscriptionTests
{
    private const string Orders = """
        | Customer | Amount | __time | __diff |
        |----------|--------|--------|--------|
        | ann      | 5      | 2      |        |
        | bob      | 7      | 2      |        |
        | ann      | 5      | 4      | -1     |
        | ann      | 6      | 4      |        |
        """;

    private sealed record Order(string Customer, int Amount);

    private sealed record Cell(string? Text, int? Number, DateTime At);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CollectAsync_TableWithTimes_GivesTheRowsAtTheEnd()
    {
        var pipeline = Pipeline.Create("batch");
        var totals = pipeline.FromMarkdown<Order>("orders", Orders).GroupBy(o => o.Customer).Select(g => new Order(g.Key, g.Sum(o => o.Amount)));
        Assert.Equal([new Order("ann", 6), new Order("bob", 7)], await totals.CollectAsync(Stop));
    }

    [Fact]
    public async Task CollectChangesAsync_TableWithTimes_HasAnEpochForEachTime()
    {
        var changes = await Pipeline.Create("batch").FromMarkdown<Order>("orders", Orders).CollectChangesAsync(Stop);
        Assert.Equal(
            [(1, 1, "ann5"), (1, 1, "bob7"), (2, -1, "ann5"), (2, 1, "ann6")],
            changes.Select(c => ((int)c.Time.Value, (int)c.Weight, c.Row.Customer + c.Row.Amount)).Order());
    }

    [Fact]
    public async Task PrintAsync_Table_IsReadBackAsItWas()
    {
        var text = new StringWriter();
        var cells = Pipeline.Create("batch").FromMarkdown<Cell>("cells", """
            Text  | Number | At
            plain | 1      | 2024-02-29
            ""    |        | 2024-02-29T10:00:00
            "a|b" | -3     | 2024-02-29
                  | 0      | 2024-02-29
            """);
        await cells.PrintAsync(text, Stop);
        Assert.Equal(await cells.CollectAsync(Stop), MarkdownTable.Parse<Cell>(text.ToString()).Select(r => r.Row));
        Assert.Contains("| plain | 1      |", text.ToString());
    }

    [Theory]
    [InlineData("Customer | Amount\nann | many", "Line 2", "'many' as Amount")]
    [InlineData("Customer | Sum\nann | 5", "members Customer, Amount", "columns Customer, Sum")]
    [InlineData("Customer | Amount\nann", "Line 2", "1 cells")]
    [InlineData("Customer | Amount | __time\nann | 5 | soon", "Line 2", "'soon' as __time")]
    public void Parse_TextThatDoesntFit_IsRefusedWithTheLine(string text, params string[] says)
    {
        var refused = Assert.Throws<ConfigurationException>(() => MarkdownTable.Parse<Order>(text));
        Assert.All(says, s => Assert.Contains(s, refused.Message));
    }

    [Fact]
    public async Task Subscribe_PipelineStartedAgain_IsToldOfEachChangeOnce()
    {
        using var folder = new TemporaryFolder();
        var told = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            var pipeline = Pipeline.Create("told", o => o with { StateDirectory = Path.Combine(folder.Path, "state") });
            var orders = pipeline.FromMarkdown<Order>("orders", Orders);
            orders.Subscribe("changes", c => told.Add($"{c.Weight:+0;-0} {c.Row.Customer} {c.Row.Amount}"));
            orders.GroupBy(o => o.Customer).Select(g => g.Sum(o => o.Amount)).SubscribeByKey("sums", c => told.Add($"{c.Key} = {c.Row}"));
            await pipeline.RunAsync(stop: Stop);
        }

        Assert.Equal(["+1 ann 5", "+1 ann 6", "+1 bob 7", "-1 ann 5"], told.Where(t => !t.Contains('=', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("ann = 6", told.Last(t => t.StartsWith("ann", StringComparison.Ordinal)));
        Assert.Single(told, t => t == "bob = 7");
    }

    [Fact]
    public async Task Subscribe_FunctionThrows_StopsThePipeline()
    {
        using var folder = new TemporaryFolder();
        var pipeline = Pipeline.Create("told", o => o with { StateDirectory = Path.Combine(folder.Path, "state") });
        pipeline.FromMarkdown<Order>("orders", Orders).Subscribe("changes", _ => throw new InvalidOperationException("no more"));
        Assert.Equal("no more", (await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.RunAsync(stop: Stop))).Message);
    }

    [Fact]
    public void FromMarkdown_TestPipeline_ClosesAnEpochForEachTime()
    {
        using var test = new TestPipeline();
        var output = test.Collect(test.FromMarkdown<Order>("orders", Orders));
        test.CloseEpochs();
        Assert.Equal([new Delta<Order>(new("ann", 5), -1), new Delta<Order>(new("ann", 6), 1)], output.Changes.OrderBy(c => c.Weight));
    }

    [Fact]
    public async Task Errors_OfARunningPipeline_AreCountedAndCanBeSubscribed()
    {
        using var folder = new TemporaryFolder();
        var errors = new List<string>();
        var pipeline = Pipeline.Create("errors", o => o with { StateDirectory = Path.Combine(folder.Path, "state"), OnError = ErrorPolicy.Continue });
        pipeline.FromMarkdown<Order>("orders", Orders).Select(o => 10 / (o.Amount - 5)).Subscribe("quotients", _ => { });
        pipeline.Errors.Subscribe("errors", e => errors.Add($"{e.Weight:+0;-0} {e.Row.Message}"));
        await pipeline.RunAsync(stop: Stop);
        Assert.Equal(["+1 Attempted to divide by zero.", "-1 Attempted to divide by zero."], errors);
        Assert.Equal(1, pipeline.Status.RowErrors);
    }
}
