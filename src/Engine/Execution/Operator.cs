namespace Pathway.Engine;

/// <summary>Turns the deltas of a step into deltas. Synchronous; one call a step; never awaits, sleeps, reads a clock or logs.</summary>
/// <remarks>Between two steps it holds nothing but what its state holds.</remarks>
public abstract class Operator
{
    /// <summary>Where it puts rows on which a function of the user's throws; null: what is thrown goes through, and stops the pipeline.</summary>
    public StepErrors? Errors { get; set; }

    /// <summary>Reads the batches of its inputs and writes its own.</summary>
    public abstract void Step();

    /// <summary>Empties its own batch, at the end of an epoch.</summary>
    public abstract void Clear();

    /// <summary>Whether <paramref name="failure"/> becomes an error row.</summary>
    private protected bool Takes(Exception failure) => Errors is not null && Core.RowFailure.IsOne(failure);
}

/// <summary>An operator that gives rows of one type.</summary>
/// <typeparam name="TOut">The rows.</typeparam>
public abstract class Operator<TOut> : Operator
{
    /// <summary>What it gave in this step.</summary>
    public Batch<TOut> Output { get; } = new();

    /// <inheritdoc/>
    public sealed override void Clear() => Output.Clear();
}
