using Pathway.Core;

namespace Pathway.Engine;

/// <summary>What a loop computes anew in each round from what it was in the round before.</summary>
internal interface ILoopVariable : ILoopOperator
{
    /// <summary>The round at hand is over: what the loop gave in it is the variable of the next one.</summary>
    void Feed();
}

/// <inheritdoc cref="ILoopVariable"/>
/// <remarks>As differences: in round 0 what it starts with; in round 1 what the loop gave, without that; in each later one what the loop gave.</remarks>
/// <param name="start">What it starts with.</param>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class LoopVariable<TRow>(Batch<TRow> start) : LoopOperator<TRow>, ILoopVariable
{
    private const int CompactedFrom = 256;

    private readonly Consolidation<TRow> _consolidation = new();
    private readonly Batch<TRow> _next = new();
    private int _compactAt = CompactedFrom;

    /// <summary>What it is at the end of the loop, as deltas of the epoch at hand.</summary>
    internal Batch<TRow> Result { get; } = new();

    /// <summary>What the loop gives.</summary>
    public Batch<TRow>? Body { private get; set; }

    /// <inheritdoc/>
    public override void Step()
    {
        if (Round != 0) return;
        _compactAt = CompactedFrom;
        Output.AddRange(start);
        Result.AddRange(start);
    }

    void ILoopVariable.Feed()
    {
        _next.AddRange(Body!);
        if (Round == 0)
            for (var i = 0; i < start.Count; i++) _next.Add(in start.Rows[i], -start.WeightAt(i));
        if (_next.Count == 0) return;
        // A row that became itself makes no further round.
        foreach (ref readonly var delta in _consolidation.Of(_next))
        {
            if (delta.Weight == 0) continue;
            BatchOf(Round + 1).Add(delta.Row, delta.Weight);
            Result.Add(delta.Row, delta.Weight);
        }

        _next.Clear();
        if (Result.Count >= _compactAt) Compact();
    }

    /// <summary>What a round brought the next one mostly takes back: without this, the result of an epoch would hold the rows of all of its rounds.</summary>
    private void Compact()
    {
        foreach (ref readonly var delta in _consolidation.Of(Result)) _next.Add(delta.Row, delta.Weight);
        Result.Clear();
        Result.AddRange(_next);
        _next.Clear();
        _compactAt = Math.Max(CompactedFrom, 2 * Result.Count);
    }
}

/// <summary>What a variable of a loop is when the loop has ended.</summary>
public sealed class LoopResult<TRow>(LoopVariable<TRow> variable) : Operator<TRow>
{
    private readonly Consolidation<TRow> _consolidation = new();

    /// <inheritdoc/>
    public override void Step()
    {
        if (variable.Result.Count == 0) return;
        foreach (ref readonly var delta in _consolidation.Of(variable.Result)) Output.Add(delta.Row, delta.Weight);
        variable.Result.Clear();
    }
}
