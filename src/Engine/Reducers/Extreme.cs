using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The greatest value over rows that only ever come, in the order of rows: what is smaller can't matter again and isn't kept.</summary>
/// <param name="value">The value of a row.</param>
/// <param name="skipNulls">Whether rows whose value is null are left out.</param>
/// <param name="order">The order.</param>
public readonly struct Greatest<TRow, TValue>(Func<TRow, TValue> value, bool skipNulls, IComparer<TValue> order) : IReducer<TRow, (bool Has, TValue Value)>
{
    /// <inheritdoc/>
    public void Add(ref (bool Has, TValue Value) accumulator, in TRow row, long weight)
    {
        Check.That(weight > 0);
        var found = value(row);
        if ((skipNulls && found is null) || (accumulator.Has && order.Compare(found, accumulator.Value) <= 0)) return;
        accumulator = (true, found);
    }
}

/// <summary>The least value over rows that only ever come, in the order of rows.</summary>
/// <param name="value">The value of a row.</param>
/// <param name="skipNulls">Whether rows whose value is null are left out.</param>
/// <param name="order">The order.</param>
public readonly struct Least<TRow, TValue>(Func<TRow, TValue> value, bool skipNulls, IComparer<TValue> order) : IReducer<TRow, (bool Has, TValue Value)>
{
    /// <inheritdoc/>
    public void Add(ref (bool Has, TValue Value) accumulator, in TRow row, long weight)
    {
        Check.That(weight > 0);
        var found = value(row);
        if ((skipNulls && found is null) || (accumulator.Has && order.Compare(found, accumulator.Value) >= 0)) return;
        accumulator = (true, found);
    }
}
