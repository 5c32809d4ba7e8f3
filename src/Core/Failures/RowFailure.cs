namespace Pathway.Core;

/// <summary>Tells failures of a function over a row from those that stop a pipeline whatever its rows are.</summary>
public static class RowFailure
{
    /// <summary>Whether <paramref name="failure"/> may be the fault of one row: not a broken invariant, not a refusal, not the end of memory or patience.</summary>
    public static bool IsOne(Exception failure) => failure is BadDataException or not (PathwayException or OperationCanceledException or OutOfMemoryException or InsufficientExecutionStackException);
}
