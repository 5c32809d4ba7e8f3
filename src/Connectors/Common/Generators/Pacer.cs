namespace Pathway.Connectors;

/// <summary>Holds a writer to so many rows a second, by waiting, not by spinning.</summary>
/// <param name="rate">Rows a second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
public sealed class Pacer(long rate, TimeProvider time)
{
    /// <summary>What was missed longer ago isn't made up for: a pause doesn't end in a burst.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(1);

    private long _origin = time.GetTimestamp();
    private long _rows;

    /// <summary>Waits until <paramref name="rows"/> more are due.</summary>
    public ValueTask WaitAsync(int rows, CancellationToken cancellationToken)
    {
        if (rate == 0) return ValueTask.CompletedTask;
        _rows += rows;
        var due = TimeSpan.FromSeconds((double)_rows / rate);
        var elapsed = time.GetElapsedTime(_origin);
        if (elapsed - due > CatchUp) (_origin, _rows) = (time.GetTimestamp(), 0);
        return due > elapsed ? new ValueTask(Task.Delay(due - elapsed, time, cancellationToken)) : ValueTask.CompletedTask;
    }
}
