using Pathway.Core;

namespace Pathway.Engine;

/// <summary>A worker's share of a loop: its steps, which the circuit runs round after round on all workers, for as long as one of them has something to do.</summary>
/// <param name="rounds">How often it runs at most.</param>
/// <param name="isLimit">Whether it is an error if something still changes after that.</param>
public sealed class LoopRun(int rounds, bool isLimit) : Operator<ValueTuple>
{
    private ILoopOperator[] _knowRounds = [];
    private ILoopVariable[] _variables = [];

    /// <summary>Its steps.</summary>
    internal Section Steps { get; private set; } = null!;

    /// <summary>The next round in which a step of this worker has something to do, as of the end of the last one; null for none.</summary>
    internal int? NextRound { get; private set; }

    /// <summary>These are its steps.</summary>
    internal void Begin(Section steps)
    {
        Steps = steps;
        _knowRounds = [.. steps.Operators.Select(o => o.Operator).OfType<ILoopOperator>()];
        _variables = [.. _knowRounds.OfType<ILoopVariable>()];
    }

    /// <inheritdoc/>
    public override void Step()
    {
        // The circuit runs it behind the part that ends here.
    }

    /// <summary>Whether it runs in <paramref name="round"/>.</summary>
    /// <exception cref="BadDataException">It has no fixed point within the limit.</exception>
    internal bool Runs(int round)
    {
        if (round < rounds) return true;
        if (!isLimit) return false;
        throw new BadDataException($"The loop still changes after {rounds} rounds. Either it has no fixed point for these rows, or give it more rounds with .Iterate(…, limit: {10L * rounds}).");
    }

    /// <summary>Runs one part of a round.</summary>
    internal void RunPart(int part, int round)
    {
        if (part == 0)
            foreach (var each in _knowRounds) each.Begin(round);
        Steps.RunPart(part);
    }

    /// <summary>All workers have run all parts of a round: what it gave becomes the variable of the next one.</summary>
    internal void EndRound()
    {
        foreach (var variable in _variables) variable.Feed();
        Steps.Clear();
        NextRound = _knowRounds.Min(static each => each.NextRound);
    }

    /// <summary>No further round comes in this epoch. What the last of a given number of rounds made is the result; nothing reads it as the variable of a further one.</summary>
    internal void End()
    {
        foreach (var each in _knowRounds) each.DropLater();
    }
}
