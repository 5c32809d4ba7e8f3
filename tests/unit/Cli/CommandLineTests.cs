using Pathway.Cli;
using Pathway.Core;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class CommandLineTests
{
    [Theory]
    [InlineData(0, "version", "0.1.0", "")]
    [InlineData(0, "--version", "0.1.0", "")]
    [InlineData(0, "help", "pathway [command] [options]", "")]
    [InlineData(0, "failpoints", "commit.after-log-sync      a commit is durable, nothing delivered", "")]
    [InlineData(2, "", "pathway [command] [options]", "")]
    [InlineData(2, "synch", "", "`pathway --help` shows what can be said.")]
    [InlineData(2, "health --adress x", "", "`pathway health --help` shows what can be said.")]
    [InlineData(2, "health --address x", "", "pathway: --address is 'x'; it must be an address such as 127.0.0.1:9180 or 0.0.0.0:9180.")]
    [InlineData(2, "version --log xml", "", "'xml'")]
    [InlineData(1, "health --address 127.0.0.1:1", "", "pathway: Nothing answers at http://127.0.0.1:1:")]
    [InlineData(1, "health --address 127.0.0.1:1 --log json", "", "\"level\":\"error\",\"message\":\"Nothing answers at http://127.0.0.1:1:")]
    public async Task RunAsync_ACommand_EndsWithItsCode(int code, string arguments, string output, string error)
    {
        var run = await RunAsync(arguments);
        Assert.Equal(code, run.Code);
        Assert.Contains(output, run.Output);
        Assert.Contains(error, run.Error);
        if (error == "") Assert.Empty(run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task RunAsync_FailPoints_AreAllListedByNameFirst()
    {
        var names = (await RunAsync("failpoints")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]);
        Assert.Equal(FailPoints.All.Keys, names);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Of_AFailure_IsItsCode(Exception failure, bool stopAsked, int code) => Assert.Equal(code, ExitCode.Of(failure, stopAsked));

    public static TheoryData<Exception, bool, int> Failures() => new()
    {
        { new OperationCanceledException(), true, 0 },
        { new TaskCanceledException(), true, 0 },
        { new OperationCanceledException(), false, 1 },
        { new ConfigurationException("x"), false, 2 },
        { new TypeInitializationException("x", new ConfigurationException("x")), false, 2 },
        { new AggregateException(new ConfigurationException("x")), false, 2 },
        { new RefusalException("a", "b", "c", "d."), false, 3 },
        { new RefusalException("a", "b", "c", "d."), true, 3 },
        { new ConnectorException("x"), true, 1 },
        { new BadDataException("x"), false, 1 },
        { new InvalidOperationException("x"), false, 1 },
    };

    [Fact]
    public void Describe_SomethingUnexpected_SaysHowToLearnMore()
    {
        Assert.Equal("Unexpected InvalidOperationException: nothing there. PATHWAY_DEBUG=1 prints where it happened.", ExitCode.Describe(new InvalidOperationException("nothing there"), debug: false));
        Assert.Contains(nameof(InvalidOperationException), ExitCode.Describe(new InvalidOperationException("nothing there"), debug: true).Split('\n')[1]);
    }

    internal static async Task<(int Code, string Output, string Error)> RunAsync(string arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var stop = new StopSignal();
        var code = await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), new CliContext(output, error, stop) { Debug = false });
        return (code, output.ToString(), error.ToString());
    }
}
