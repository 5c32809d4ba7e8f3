using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pathway.Cli;

/// <summary><c>demo --verify</c>: holds what the pipeline wrote against a plain recomputation of the whole input.</summary>
internal static class DemoVerification
{
    public static async Task<int> RunAsync(DemoOptions options, TextWriter output, CancellationToken stop)
    {
        var before = DemoState.Read(options);
        if (before.Commit.Value == 0)
        {
            output.WriteLine($"There is nothing to verify in {options.State} yet; run the demo first.");
            return ExitCode.Failed;
        }

        // After a kill the file may lack what was committed last, or hold a part that doesn't count. A start that reads nothing new brings it up to date, as any start would.
        await DemoView.Build(options with { Rows = 0 }).RunAsync(NullLogger.Instance, stop: stop);
        var state = DemoState.Read(options);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Recomputing {state.Position.Rows:N0} rows of {state.Position.Transaction:N0} transactions, up to commit {state.Commit} …"));
        var expected = DemoOracle.Compute(options.Shop, state.Position.Transaction, stop);
        var file = new ViewFile(options.ViewPath);
        file.Advance();
        var difference = file.FirstRepeat ?? DemoOracle.FirstDifference(expected, file.View);
        if (difference is not null)
        {
            output.WriteLine($"Different: {difference}.");
            return ExitCode.Failed;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Equal: {expected.Count:N0} customers with orders, from {file.Lines:N0} changes in {options.ViewPath}; each change came once."));
        return ExitCode.Stopped;
    }
}
