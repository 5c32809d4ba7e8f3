using System.Globalization;
using Pathway.Hosting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pathway.Cli;

/// <summary>The demo as a living table, for a terminal.</summary>
internal static class LiveScreen
{
    private const int BestCustomers = 10, BarWidth = 24;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <summary>Draws until <paramref name="running"/> ends.</summary>
    public static async Task ShowAsync(DemoScreen screen, TextWriter output, Task running)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        await console.Live(Picture(screen)).StartAsync(async live =>
        {
            while (await Task.WhenAny(running, Task.Delay(Every)) != running)
            {
                screen.Follow();
                live.UpdateTarget(Picture(screen));
            }

            screen.Follow();
            live.UpdateTarget(Picture(screen));
        });
    }

    /// <summary>The picture of now.</summary>
    public static IRenderable Picture(DemoScreen screen)
    {
        var now = screen.Now();
        IRenderable best = screen.View is { } view ? BestOf(screen, view) : new Text("");
        var rows = new Rows(
            new Text(""), FiguresOf(screen, now), new Text(""), best,
            new Markup("[grey]Ctrl-C stops it, and kill -9 does no harm either: start it again, and it goes on behind its last commit.[/]"));
        return screen.Notes.Lines is { Count: > 0 } notes ? new Rows([rows, .. notes.Select(note => new Markup($"[yellow]{Markup.Escape(note)}[/]"))]) : rows;
    }

    private static Grid FiguresOf(DemoScreen screen, DemoScreenFigures now)
    {
        var figures = now.Figures;
        var grid = new Grid().AddColumn().AddColumn(new GridColumn().RightAligned()).AddColumn(new GridColumn().RightAligned()).AddColumn();
        void Line(string name, string value, string rate, string remark) =>
            grid.AddRow(new Markup($"[grey]{name}[/]"), new Markup($"[bold]{value}[/]"), new Markup(rate), new Markup($"[grey]{Markup.Escape(remark)}[/]"));
        Line("rows read", Number(now.RowsInAll), $"[green]{Number((long)now.RowsRate)}/s[/]", "inserts, updates and deletes of customers and orders");
        Line("commits", Number((long)figures.LastCommit), $"{now.CommitsRate.ToString("0.0", CultureInfo.InvariantCulture)}/s", "each one synced to disk, each one a point to resume from");
        var (delivered, where) = screen.View is { } view ? (view.Lines, $"each one once, in the file ({Sizes.Text(view.Bytes)})") : (figures.Delivered, "each one once, in Kafka");
        Line("changes out", Number(delivered), $"{Number((long)now.DeliveredRate)}/s", where);
        Line("waiting", Number(figures.Undelivered), "", "committed, not yet delivered");
        Line("state", Sizes.Text(figures.StateBytes + figures.LogBytes), "", $"RocksDB {Sizes.Text(figures.StateBytes)}, commit log {Sizes.Text(figures.LogBytes)}, caches {Sizes.Text(figures.CacheBytes)}");
        return grid;
    }

    private static Table BestOf(DemoScreen screen, ViewFile view)
    {
        var best = screen.Best(BestCustomers);
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle($"the best of {Number(view.View.Count)} customers") };
        table.AddColumn("customer").AddColumn(new TableColumn("orders").RightAligned()).AddColumn(new TableColumn("amount").RightAligned()).AddColumn("");
        foreach (var total in best)
        {
            var bar = new string('█', Math.Max(1, (int)(BarWidth * total.Amount / Math.Max(best[0].Amount, 0.01m))));
            table.AddRow(
                new Markup($"{Markup.Escape(screen.Options.Shop.NameOf(total.CustomerId))} [grey]#{total.CustomerId}[/]"), new Text(Number(total.Orders)), new Text(total.Amount.ToString("N2", CultureInfo.InvariantCulture)), new Markup($"[blue]{bar.PadRight(BarWidth)}[/]"));
        }

        return table;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
