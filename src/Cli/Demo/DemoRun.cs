using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>Runs the demo's pipeline under a screen until it is stopped or has enough rows.</summary>
internal static class DemoRun
{
    public static async Task<int> RunAsync(DemoOptions options, CliContext context, LogForm form, CancellationToken stop)
    {
        var before = DemoState.Read(options);
        var pipeline = DemoView.Build(options);
        var screen = new DemoScreen(options, before, pipeline.Status, new ViewFile(options.ViewPath));
        using var logs = LineLoggerProvider.Factory(context.IsTerminal ? screen.Notes : context.Error, form, context.Debug);
        var running = Task.Run(() => pipeline.RunAsync(logs.CreateLogger("Pathway"), stop: stop), CancellationToken.None);
        if (await Task.WhenAny(pipeline.Status.Started, running) == pipeline.Status.Started || pipeline.Status.Start is not null)
        {
            context.Output.WriteLine(Beginning(options, before, pipeline.Status.Start!));
            await (context.IsTerminal ? LiveScreen.ShowAsync(screen, context.Output, running) : PlainScreen.ShowAsync(screen, context.Output, running));
        }

        await running;
        context.Output.WriteLine(End(screen.Now()));
        return ExitCode.Stopped;
    }

    private static string Beginning(DemoOptions options, DemoState before, StartReport start)
    {
        var text = new List<string> { $"A made-up shop ({options.Shop.Settings}) → orders per customer → {options.ViewPath}" };
        text.Add(start.Resumes.Value == 0
            ? $"Begins anew; state in {options.State}."
            : string.Create(CultureInfo.InvariantCulture, $"Resumes behind commit {start.Resumes}: {before.Position.Transaction:N0} transactions, {before.Position.Rows:N0} rows so far; state in {options.State}."));
        foreach (var target in start.Targets.Where(t => t.RowsUndelivered > 0))
            text.Add(string.Create(CultureInfo.InvariantCulture, $"{target.RowsUndelivered:N0} changes of the last run were committed and not yet in the file; they go first."));
        return string.Join(Environment.NewLine, text);
    }

    private static string End(DemoScreenFigures last) => string.Create(
        CultureInfo.InvariantCulture,
        $"Stopped behind commit {last.Figures.LastCommit}: {last.RowsInAll:N0} rows in all. `pathway demo` goes on there; `pathway demo --verify` recomputes everything and compares.");
}
