using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>A commit that is on disk: the right to deliver its output (invariant I2). Only this room can make one.</summary>
public sealed record DurableCommit
{
    internal DurableCommit(CommitSummary summary) => Summary = summary;

    /// <summary>What it holds.</summary>
    public CommitSummary Summary { get; }

    /// <summary>Its number.</summary>
    public CommitNumber Number => Summary.Number;
}

/// <summary>What a commit holds, without the bytes.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Epoch">Its last epoch.</param>
/// <param name="Frontier">Where the sources stand behind it.</param>
/// <param name="Outputs">Rows and bytes for each target that it has output for.</param>
public sealed record CommitSummary(CommitNumber Number, Epoch Epoch, Frontier Frontier, IReadOnlyList<CommitOutput> Outputs)
{
    /// <summary>What it has for <paramref name="target"/>.</summary>
    public CommitOutput OutputFor(string target)
    {
        foreach (var output in Outputs)
            if (output.Target == target) return output;
        return new CommitOutput(target, 0, 0);
    }
}

/// <summary>How much output a commit has for a target.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Bytes">Bytes in the log.</param>
public readonly record struct CommitOutput(string Target, long Rows, long Bytes);
