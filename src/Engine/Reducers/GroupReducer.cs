using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>The values that some reducers want to see again, in their order, group by group.</summary>
public abstract class GroupValues<TRow, TKey>
    where TKey : notnull
{
    /// <summary>Takes in what came and went.</summary>
    public abstract void Add(ReadOnlySpan<TRow> rows, ReadOnlySpan<long> weights, ReadOnlySpan<TKey> keys);
}

/// <inheritdoc/>
/// <param name="value">The value of a row.</param>
/// <param name="skipNulls">Whether rows whose value is null are left out.</param>
/// <param name="state">Where the values are kept.</param>
public sealed class GroupValues<TRow, TKey, TValue>(Func<TRow, TValue> value, bool skipNulls, OrderedState<TKey, TValue> state) : GroupValues<TRow, TKey>
    where TKey : notnull
{
    /// <summary>The values by group.</summary>
    public OrderedState<TKey, TValue> State => state;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<TRow> rows, ReadOnlySpan<long> weights, ReadOnlySpan<TKey> keys)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var kept = value(rows[i]);
            if (!skipNulls || kept is not null) state.Add(in keys[i], in kept, weights.IsEmpty ? 1 : weights[i]);
        }
    }
}

/// <summary>A reducer that looks at the values of a group in their order.</summary>
public abstract class GroupReducer<TKey>
    where TKey : notnull
{
}

/// <inheritdoc/>
public abstract class GroupReducer<TKey, TResult> : GroupReducer<TKey>
    where TKey : notnull
{
    /// <summary>The result for the group of <paramref name="key"/>.</summary>
    public abstract TResult Of(TKey key);
}

/// <inheritdoc/>
/// <param name="state">The values.</param>
/// <param name="result">The result over those of one group.</param>
public sealed class GroupReducer<TKey, TValue, TResult>(OrderedState<TKey, TValue> state, Func<SortedRows<TValue>, TResult> result) : GroupReducer<TKey, TResult>
    where TKey : notnull
{
    /// <inheritdoc/>
    public override TResult Of(TKey key) => result(state.Rows(in key));
}
