namespace Pathway.Engine;

/// <summary>A table from outside of a loop: the same in every round.</summary>
public sealed class LoopImport<TRow>(Batch<TRow> input) : LoopOperator<TRow>
{
    /// <inheritdoc/>
    public override void Step()
    {
        if (Round == 0) Output.AddRange(input);
    }
}
