namespace Pathway.Core;

/// <summary>Who a pipeline is: made at random with its state directory. Its name alone proves nothing.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct PipelineId(Guid Value)
{
    /// <summary>A new identity.</summary>
    public static PipelineId New() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>One start of a pipeline. Each knows its parent; the chain of parents is the ancestry.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct Incarnation(Guid Value)
{
    /// <summary>A new incarnation.</summary>
    public static Incarnation New() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
