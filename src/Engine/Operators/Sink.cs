using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The end of a path.</summary>
public abstract class SinkOperator : Operator
{
    /// <summary>The epoch of the step at hand.</summary>
    public Epoch Epoch { get; set; }

    /// <inheritdoc/>
    public override void Clear()
    {
        // It gives no batch.
    }

    /// <summary>A commit is due: gives out what it held back.</summary>
    public virtual void Close(Epoch epoch)
    {
    }
}
