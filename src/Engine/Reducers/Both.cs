namespace Pathway.Engine;

/// <summary>Two reducers over one state; chained, any number.</summary>
public readonly struct Both<TRow, TFirst, TFirstReducer, TSecond, TSecondReducer>(TFirstReducer first, TSecondReducer second) : IReducer<TRow, (TFirst, TSecond)>
    where TFirstReducer : struct, IReducer<TRow, TFirst>
    where TSecondReducer : struct, IReducer<TRow, TSecond>
{
    /// <inheritdoc/>
    public void Add(ref (TFirst, TSecond) accumulator, in TRow row, long weight)
    {
        first.Add(ref accumulator.Item1, row, weight);
        second.Add(ref accumulator.Item2, row, weight);
    }
}
