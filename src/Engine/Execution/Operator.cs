using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Turns the deltas of a step into deltas. Synchronous; one call a step; never awaits, sleeps, reads a clock or logs.</summary>
/// <remarks>Between two steps it holds nothing but what its state holds.</remarks>
public abstract class Operator
{
    /// <summary>Where it puts rows on which a function of the user's throws; null: what is thrown goes through, and stops the pipeline.</summary>
    public StepErrors? Errors { get; set; }

    /// <summary>Reads the batches of its inputs and writes its own.</summary>
    public abstract void Step();

    /// <summary>As <see cref="Step"/>, for rows that it has taken in before: gives the same again and leaves its state alone. For nodes with <see cref="Node.GivesAgain"/>.</summary>
    public virtual void StepAgain() => Step();

    /// <summary>What gives all rows that it has given out so far, as its state tells them; null where its state doesn't tell.</summary>
    public virtual Feeder? Feeder() => null;

    /// <summary>As <see cref="Feeder"/>, from the state <paramref name="before"/> that another form of its rows wrote, which it takes over. For nodes with <see cref="Node.Converts"/>.</summary>
    public virtual Feeder? FeederFrom(OperatorId before, RowConversion conversion) => null;

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

    /// <summary>All rows that it has given out so far, read from what is stored of its state, in no order; null where its state doesn't tell. For nodes with <see cref="Node.TellsContents"/>.</summary>
    public virtual IEnumerable<Delta<TOut>>? Contents() => null;

    /// <inheritdoc/>
    public sealed override Feeder? Feeder() => Contents() is { } contents ? new Feeder<TOut>(this, contents.GetEnumerator()) : null;

    /// <summary>As <see cref="Contents"/>, from the state <paramref name="before"/> that another form of its rows wrote, which it takes over.</summary>
    public virtual IEnumerable<Delta<TOut>>? TakeOver(OperatorId before, RowConversion conversion) => null;

    /// <inheritdoc/>
    public sealed override Feeder? FeederFrom(OperatorId before, RowConversion conversion) => TakeOver(before, conversion) is { } contents ? new Feeder<TOut>(this, contents.GetEnumerator()) : null;

    /// <inheritdoc/>
    public sealed override void Clear() => Output.Clear();
}
