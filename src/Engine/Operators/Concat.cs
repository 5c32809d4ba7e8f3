namespace Pathway.Engine;

/// <summary>The rows of several tables, each as often as all of them have it together.</summary>
public sealed class Concat<TRow>(Batch<TRow>[] inputs) : Operator<TRow>
{
    /// <inheritdoc/>
    public override void Step()
    {
        foreach (var input in inputs) Output.AddRange(input);
    }
}
