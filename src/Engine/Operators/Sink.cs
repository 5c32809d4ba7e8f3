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

    /// <summary>Whether it gives out nothing before the commit, so that what it reads may be deferred (<see cref="IDeferrable"/>).</summary>
    public virtual bool WaitsForCommit => false;

    /// <summary>From now on what it reads is deferred: each key comes once for each commit, just before <see cref="Close"/>. Before the first step.</summary>
    public virtual void ReadsDeferred()
    {
    }

    /// <summary>A commit is due: gives out what it held back.</summary>
    public virtual void Close(Epoch epoch)
    {
    }
}
