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

/// <summary>A reducer of one's own, used as <c>g.Reduce(new Variance())</c>. It has to be a struct.</summary>
/// <remarks>
/// The accumulator is state: a row type with structural equality, replaced and never changed in place beyond itself. After a row came and went it has to give the same result as if the row had never been there.
/// </remarks>
/// <typeparam name="TRow">The rows of a group.</typeparam>
/// <typeparam name="TAccumulator">What is kept for a group; the default value for no rows.</typeparam>
/// <typeparam name="TResult">What it gives.</typeparam>
public interface IReducer<TRow, TAccumulator, TResult> : IReducer<TRow, TAccumulator>
{
    /// <summary>The result for a group of at least one row.</summary>
    TResult Result(in TAccumulator accumulator);
}
