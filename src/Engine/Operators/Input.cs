using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Where rows of a source come in.</summary>
public abstract class InputOperator<TRow> : Operator<TRow>, IInput
{
    /// <inheritdoc/>
    public abstract void Push(IRowBuffer rows, int from, int count);
}

/// <summary>An operator that takes rows from outside.</summary>
public interface IInput
{
    /// <summary>Takes <paramref name="count"/> of <paramref name="rows"/>, from number <paramref name="from"/> on, for the next step; their type is that of the input.</summary>
    void Push(IRowBuffer rows, int from, int count);
}

/// <summary>Rows as they come, each once.</summary>
public sealed class Input<TRow> : InputOperator<TRow>
{
    /// <inheritdoc/>
    public override void Push(IRowBuffer rows, int from, int count) => Output.AddRange(((RowBuffer<TRow>)rows).Rows.Slice(from, count));

    /// <inheritdoc/>
    public override void Step()
    {
        // What was pushed stands in the output already.
    }
}
