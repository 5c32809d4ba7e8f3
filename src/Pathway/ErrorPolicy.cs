namespace Pathway;

/// <summary>What becomes of a row on which a function throws: a selector, a condition, a key, the result of a join or group.</summary>
public enum ErrorPolicy
{
    /// <summary>The pipeline stops and names the step. Nothing is left out silently, and a mistake in a query shows at once.</summary>
    Stop,

    /// <summary>The step leaves the row out and <see cref="Pipeline.Errors"/> has a row for it, as long as the row is there. What can't be told of one row, such as two rows under one key, still stops the pipeline.</summary>
    Continue,
}
