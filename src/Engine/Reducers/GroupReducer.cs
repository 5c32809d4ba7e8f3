using System.Buffers;
using System.Runtime.CompilerServices;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>The values that some reducers want to see again, in their order, group by group.</summary>
public abstract class GroupValues<TRow, TKey>
    where TKey : notnull
{
    /// <summary>Reads the values of <paramref name="rows"/> from number <paramref name="at"/> on. Where that throws, <paramref name="at"/> is the row at hand.</summary>
    public abstract void Read(ReadOnlySpan<TRow> rows, ref int at);

    /// <summary>Takes in the values that were read, but for those that are <paramref name="leftOut"/> (null: all).</summary>
    public abstract void Add(ReadOnlySpan<long> weights, ReadOnlySpan<TKey> keys, bool[]? leftOut);
}

/// <inheritdoc/>
/// <param name="value">The value of a row.</param>
/// <param name="skipNulls">Whether rows whose value is null are left out.</param>
/// <param name="state">Where the values are kept.</param>
public sealed class GroupValues<TRow, TKey, TValue>(Func<TRow, TValue> value, bool skipNulls, OrderedState<TKey, TValue> state) : GroupValues<TRow, TKey>
    where TKey : notnull
{
    private TValue[] _read = [];

    /// <summary>The values by group.</summary>
    public OrderedState<TKey, TValue> State => state;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<TRow> rows, ref int at)
    {
        if (_read.Length < rows.Length)
        {
            GiveBack();
            _read = ArrayPool<TValue>.Shared.Rent(rows.Length);
        }

        for (; at < rows.Length; at++) _read[at] = value(rows[at]);
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<long> weights, ReadOnlySpan<TKey> keys, bool[]? leftOut)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            if (leftOut?[i] == true) continue;
            ref readonly var kept = ref _read[i];
            if (!skipNulls || kept is not null) state.Add(in keys[i], in kept, weights.IsEmpty ? 1 : weights[i]);
        }

        GiveBack();
        _read = [];
    }

    private void GiveBack()
    {
        if (_read.Length > 0) ArrayPool<TValue>.Shared.Return(_read, RuntimeHelpers.IsReferenceOrContainsReferences<TValue>());
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
