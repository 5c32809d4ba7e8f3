using System.Globalization;
using Pathway.Hosting;

namespace Pathway.Cli;

/// <summary>The demo as lines, for pipes and logs.</summary>
internal static class PlainScreen
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Writes a line every two seconds, and a last one, until <paramref name="running"/> ends.</summary>
    public static async Task ShowAsync(DemoScreen screen, TextWriter output, Task running)
    {
        screen.Now();
        while (await Task.WhenAny(running, Task.Delay(Every)) != running) output.WriteLine(Line(screen.Now()));
        if (running.IsCompletedSuccessfully) output.WriteLine(Line(screen.Now()));
    }

    /// <summary>One line of figures.</summary>
    public static string Line(DemoScreenFigures now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{now.RowsInAll:N0} rows ({now.RowsRate:N0}/s), commit {now.Figures.LastCommit} ({now.CommitsRate:0.0}/s), {now.Figures.Delivered:N0} changes delivered, {now.Figures.Undelivered:N0} waiting, state {Sizes.Text(now.Figures.StateBytes + now.Figures.LogBytes)}");
}
