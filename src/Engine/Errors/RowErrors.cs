using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The rows that the steps of one worker couldn't take in, as deltas: a row that goes takes its error with it.</summary>
/// <remarks>Filled while operators step, taken by <see cref="ErrorRows"/> behind them, emptied at the end of the step. Used by the worker's thread, but for <see cref="Count"/>.</remarks>
public sealed class RowErrors
{
    private long _count;

    /// <summary>How many errors arose since the start: those of rows that came. Any thread.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The errors of the step at hand.</summary>
    internal Batch<RowError> Rows { get; } = new();

    internal void Add(RowError error, long weight)
    {
        Rows.Add(in error, weight);
        if (weight > 0) Volatile.Write(ref _count, _count + 1);
    }
}
