using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Runs the steps of a loop, round after round, for as long as one of them has something to do.</summary>
public sealed class LoopRun : Operator<ValueTuple>
{
    private readonly Operator[] _operators;
    private readonly ILoopOperator[] _knowRounds;
    private readonly ILoopVariable[] _variables;
    private readonly int _rounds;
    private readonly bool _isLimit;

    /// <summary>A loop.</summary>
    /// <param name="operators">Its operators in topological order.</param>
    /// <param name="rounds">How often it runs at most.</param>
    /// <param name="isLimit">Whether it is an error if something still changes after that.</param>
    public LoopRun(IReadOnlyList<Operator> operators, int rounds, bool isLimit)
    {
        (_operators, _rounds, _isLimit) = ([.. operators], rounds, isLimit);
        _knowRounds = [.. operators.OfType<ILoopOperator>()];
        _variables = [.. operators.OfType<ILoopVariable>()];
    }

    /// <inheritdoc/>
    /// <exception cref="BadDataException">It has no fixed point within the limit.</exception>
    public override void Step()
    {
        for (int? round = 0; round is { } at; round = NextRound())
        {
            if (at >= _rounds && _isLimit)
                throw new BadDataException($"The loop still changes after {_rounds} rounds. Either it has no fixed point for these rows, or give it more rounds with .Iterate(…, limit: {10L * _rounds}).");
            if (at >= _rounds) break;
            foreach (var each in _knowRounds) each.Begin(at);
            foreach (var each in _operators) each.Step();
            foreach (var variable in _variables) variable.Feed();
            foreach (var each in _operators) each.Clear();
        }

        // What the last of a given number of rounds made is the result; nothing reads it as the variable of a further one.
        foreach (var each in _knowRounds) each.DropLater();
    }

    private int? NextRound()
    {
        int? next = null;
        foreach (var each in _knowRounds)
            if (each.NextRound is { } round && !(next <= round)) next = round;
        return next;
    }
}
