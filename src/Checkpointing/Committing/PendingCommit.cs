using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>What the engine hands to the commit writer: a whole commit, or a part of one that is too large to be held in memory.</summary>
/// <remarks>The buffers belong to the writer until it gives them back through <see cref="Done"/>.</remarks>
public sealed class PendingCommit
{
    /// <summary>The number it gets.</summary>
    public required CommitNumber Number { get; init; }

    /// <summary>The last epoch in it.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Where the sources stand behind it. Not looked at for a part.</summary>
    public required Frontier Frontier { get; init; }

    /// <summary>Formatted output by target, in the order of the plan.</summary>
    public required IReadOnlyList<(string Target, OutputBuffer Output)> Outputs { get; init; }

    /// <summary>State changes, of several workers where there are several; none for a part.</summary>
    public IReadOnlyList<StateChanges> Changes { get; init; } = [];

    /// <summary>Whether more of the same commit follows; nothing is closed then.</summary>
    public bool IsPart { get; init; }

    /// <summary>Called by the writer's thread when the buffers are free again.</summary>
    public Action Done { get; init; } = static () => { };

    /// <summary>Called when the commit is durable.</summary>
    public Action<DurableCommit> Durable { get; init; } = static _ => { };
}
