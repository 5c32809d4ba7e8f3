using System.Diagnostics;

namespace Pathway.Cli;

/// <summary>What the demo shows at one moment.</summary>
/// <param name="Figures">The pipeline's figures.</param>
/// <param name="RowsInAll">Rows since the very beginning.</param>
/// <param name="RowsRate">Rows a second.</param>
/// <param name="CommitsRate">Commits a second.</param>
/// <param name="DeliveredRate">Changes a second that reach the file.</param>
internal sealed record DemoScreenFigures(Figures Figures, long RowsInAll, double RowsRate, double CommitsRate, double DeliveredRate);

/// <summary>What the demo has to show, whatever the form: figures, the view as its file tells it, and notes.</summary>
internal sealed class DemoScreen(DemoOptions options, DemoState before, PipelineStatus status, ViewFile? view)
{
    /// <summary>So much of the file is played back between two pictures: a large one doesn't freeze the screen.</summary>
    private const long PlayBackBytes = 8 << 20;

    private readonly Rates _rates = new(window: TimeSpan.FromSeconds(3));
    private readonly long _start = Stopwatch.GetTimestamp();
    private ulong _lastCommit = before.Commit.Value;

    /// <summary>What was asked for.</summary>
    public DemoOptions Options => options;

    /// <summary>The view as the file tells it; null where it goes elsewhere.</summary>
    public ViewFile? View => view;

    /// <summary>The last lines of the log.</summary>
    public NoteWriter Notes { get; } = new();

    /// <summary>The figures of now.</summary>
    public DemoScreenFigures Now()
    {
        var now = Figures.Of(status, Stopwatch.GetElapsedTime(_start));
        // Before its first commit the pipeline knows of none; the one that it resumed behind is the last.
        _lastCommit = Math.Max(_lastCommit, now.LastCommit);
        now = now with { LastCommit = _lastCommit };
        var (rows, commits, delivered) = _rates.Next(now);
        return new DemoScreenFigures(now, before.Position.Rows + now.Rows, rows, commits, delivered);
    }

    /// <summary>Takes in what has come into the file.</summary>
    public void Follow() => view?.Advance(PlayBackBytes);

    /// <summary>The best customers.</summary>
    public IReadOnlyList<CustomerTotal> Best(int count) =>
        [.. (view?.View.Values ?? Enumerable.Empty<CustomerTotal>()).OrderByDescending(t => t.Amount).ThenBy(t => t.CustomerId).Take(count)];
}
