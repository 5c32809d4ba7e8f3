using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Events of a stream, each seen by a step that remembers something of those before it.</summary>
/// <remarks>State: what the step remembers. Its answer depends on the order of the events, which is that of their source.</remarks>
public sealed class Remember<TRow, TKey, TValue>(Batch<TRow> input, IRememberingStep<TRow, TKey, TValue> step, KeyedState<TKey, TValue> state) : Operator<TRow>
    where TKey : notnull
{
    /// <inheritdoc/>
    public override void Step()
    {
        foreach (ref readonly var row in input.Rows) step.Take(in row, state, Output);
    }
}
