namespace Pathway.Engine;

/// <summary>A reducer over what is made of the rows.</summary>
public readonly struct OfElement<TRow, TElement, TAccumulator, TReducer>(Func<TRow, TElement> element, TReducer reducer) : IReducer<TRow, TAccumulator>
    where TReducer : struct, IReducer<TElement, TAccumulator>
{
    /// <inheritdoc/>
    public void Add(ref TAccumulator accumulator, in TRow row, long weight)
    {
        var part = element(row);
        reducer.Add(ref accumulator, in part, weight);
    }
}
