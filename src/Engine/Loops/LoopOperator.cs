namespace Pathway.Engine;

/// <summary>An operator of a loop that knows the rounds.</summary>
internal interface ILoopOperator
{
    /// <summary>The next round in which it has something to do; null for none.</summary>
    int? NextRound { get; }

    /// <summary>A round begins: what was laid aside for it comes out in it.</summary>
    void Begin(int round);

    /// <summary>No further round comes in this epoch.</summary>
    void DropLater();
}

/// <summary>An operator of a loop that may give rows for later rounds.</summary>
/// <typeparam name="TOut">The rows.</typeparam>
public abstract class LoopOperator<TOut> : Operator<TOut>, ILoopOperator
{
    private readonly SortedDictionary<int, Batch<TOut>> _later = [];
    private readonly Stack<Batch<TOut>> _empty = [];

    /// <summary>The round at hand.</summary>
    protected int Round { get; private set; }

    int? ILoopOperator.NextRound => NextRound;

    private protected virtual int? NextRound
    {
        get
        {
            foreach (var (round, _) in _later) return round;
            return null;
        }
    }

    void ILoopOperator.Begin(int round)
    {
        Round = round;
        if (!_later.Remove(round, out var batch)) return;
        Output.AddRange(batch);
        batch.Clear();
        _empty.Push(batch);
    }

    void ILoopOperator.DropLater() => DropLater();

    private protected virtual void DropLater() => _later.Clear();

    /// <summary>Where rows of <paramref name="round"/> go, the round at hand or a later one.</summary>
    protected Batch<TOut> BatchOf(int round)
    {
        if (round == Round) return Output;
        if (_later.TryGetValue(round, out var batch)) return batch;
        batch = _empty.TryPop(out var empty) ? empty : new Batch<TOut>();
        _later.Add(round, batch);
        return batch;
    }
}
