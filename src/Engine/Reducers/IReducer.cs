namespace Pathway.Engine;

/// <summary>An incremental aggregate whose accumulator is a linear function of the rows: what comes is added, what goes is subtracted, in any order.</summary>
/// <remarks>A struct, so that one loop serves all reducers and each is inlined into it. The accumulator of no rows is the default value.</remarks>
/// <typeparam name="TRow">The rows of a group.</typeparam>
/// <typeparam name="TAccumulator">What is kept for a group.</typeparam>
public interface IReducer<TRow, TAccumulator>
{
    /// <summary>Takes a row in, <paramref name="weight"/> times.</summary>
    void Add(ref TAccumulator accumulator, in TRow row, long weight);
}
