using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Deltas that a source sends as rows become deltas of its table.</summary>
public sealed class Unfold<TRow>(Batch<Delta<TRow>> input) : Operator<TRow>
{
    /// <inheritdoc/>
    public override void Step()
    {
        foreach (ref readonly var delta in input.Rows) Output.Add(delta.Row, delta.Weight);
    }
}
