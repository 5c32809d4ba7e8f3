using Pathway.Cli;
using Spectre.Console;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class DemoCommandTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("demo-").FullName;

    private string ViewPath => Path.Combine(_state, "output", "orders-per-customer.jsonl");

    [Fact]
    public async Task Demo_RunTwiceAndVerified_ResumesAndIsEqual()
    {
        var first = await RunAsync("--rows 5000");
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("Begins anew", first.Output);
        var second = await RunAsync("--rows 12000");
        Assert.Matches("Resumes behind commit [1-9]", second.Output);
        Assert.Matches("Stopped behind commit [0-9]+: 12,0[0-9][0-9] rows in all", second.Output);
        var verified = await RunAsync("--verify");
        Assert.Equal((0, ""), (verified.Code, verified.Error));
        Assert.Contains("Equal: ", verified.Output);
    }

    [Fact]
    public async Task Demo_OneLineChanged_IsFoundByVerify()
    {
        await RunAsync("--rows 5000");
        await RunAsync("--rows 10000");
        var lines = await File.ReadAllLinesAsync(ViewPath, TestContext.Current.CancellationToken);
        // A line that is its key's last, and far from the end: what was delivered last is written once more by the start that --verify makes.
        var lastByKey = lines.Select((line, at) => (Key: line[..line.IndexOf(',')], At: at)).GroupBy(l => l.Key).Select(g => g.Max(l => l.At));
        var early = lastByKey.Where(at => lines[at].Contains("\"orders\":1,", StringComparison.Ordinal)).Min();
        lines[early] = lines[early].Replace("\"orders\":1,", "\"orders\":9,");
        await File.WriteAllTextAsync(ViewPath, string.Join('\n', lines) + "\n", TestContext.Current.CancellationToken);
        var verified = await RunAsync("--verify");
        Assert.Equal(1, verified.Code);
        Assert.Contains("Different: ", verified.Output);
    }

    [Fact]
    public async Task Demo_OtherSeed_IsRefusedUntilFresh()
    {
        await RunAsync("--rows 3000");
        var refused = await RunAsync("--rows 3000 --seed 2");
        Assert.Equal(3, refused.Code);
        Assert.Contains("Give the same --seed, another --state, or begin anew with --fresh.", refused.Error);
        var fresh = await RunAsync("--rows 3000 --seed 2 --fresh");
        Assert.Equal(0, fresh.Code);
        Assert.Contains("Begins anew", fresh.Output);
        Assert.Equal(0, (await RunAsync("--verify --seed 2")).Code);
    }

    [Fact]
    public async Task Demo_FreshInAStrangersDirectory_DeletesNothing()
    {
        var precious = Path.Combine(_state, "thesis.txt");
        await File.WriteAllTextAsync(precious, "x", TestContext.Current.CancellationToken);
        var refused = await RunAsync("--fresh --rows 10");
        Assert.Equal(3, refused.Code);
        Assert.Contains("isn't the demo's to delete", refused.Error);
        Assert.True(File.Exists(precious));
    }

    [Theory]
    [InlineData("--rows -1", "--rows is -1; it must be 0 or more.")]
    [InlineData("--rate -1", "--rate is -1; it must be 0 (as fast as it goes) or more.")]
    [InlineData("--fresh --verify", "--fresh and --verify don't go together")]
    [InlineData("--rows many", "many")]
    [InlineData("--kafka localhost:9092", "--postgres and --kafka go together")]
    [InlineData("--verify --kafka localhost:9092 --postgres Host=x", "it doesn't go with --postgres")]
    [InlineData("--fresh --kafka localhost:9092 --postgres Host=x", "--fresh doesn't touch servers.")]
    [InlineData("--kafka localhost:9092 --postgres Host=x;Password=s3cret", "--postgres: the connection string lacks Database and Username.")]
    public async Task Demo_WrongOptions_AreBadUsage(string arguments, string error)
    {
        var run = await RunAsync(arguments);
        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Error);
    }

    [Fact]
    public async Task Demo_VerifyOfNothing_Fails()
    {
        var run = await RunAsync("--verify");
        Assert.Equal(1, run.Code);
        Assert.Contains("There is nothing to verify", run.Output);
    }

    [Fact]
    public async Task Picture_OfARunDemo_ShowsFiguresAndTheBest()
    {
        await RunAsync("--rows 5000");
        var options = new DemoOptions(_state, null, 0, 1);
        var view = new ViewFile(ViewPath);
        var screen = new DemoScreen(options, DemoState.Read(options), new PipelineStatus(), view);
        screen.Follow();
        screen.Notes.WriteLine("a note with [brackets]");
        using var output = new StringWriter();
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No }).Write(LiveScreen.Picture(screen));
        var picture = output.ToString();
        Assert.Contains("rows read", picture);
        Assert.Contains($"the best of {view.View.Count} customers", picture);
        Assert.Contains(new Pathway.Connectors.ShopGenerator().NameOf(screen.Best(1)[0].CustomerId), picture);
        Assert.Contains("a note with [brackets]", picture);
        Assert.Equal(screen.Best(10), screen.Best(10).OrderByDescending(t => t.Amount));
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private Task<(int Code, string Output, string Error)> RunAsync(string arguments) => CommandLineTests.RunAsync($"demo --state {_state} {arguments}");
}
