using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The value of the row that came first.</summary>
public readonly struct Earliest<TRow, TValue>(Func<TRow, TValue> value) : IReducer<TRow, (bool Has, TValue Value)>
{
    /// <inheritdoc/>
    public void Add(ref (bool Has, TValue Value) accumulator, in TRow row, long weight)
    {
        Arrival.Require(weight, "Earliest");
        if (!accumulator.Has) accumulator = (true, value(row));
    }
}

/// <summary>The value of the row that came last.</summary>
public readonly struct Latest<TRow, TValue>(Func<TRow, TValue> value) : IReducer<TRow, (bool Has, TValue Value)>
{
    /// <inheritdoc/>
    public void Add(ref (bool Has, TValue Value) accumulator, in TRow row, long weight)
    {
        Arrival.Require(weight, "Latest");
        accumulator = (true, value(row));
    }
}

/// <summary>A fold over the rows in the order in which they come.</summary>
public readonly struct Fold<TRow, TValue>(TValue seed, Func<TValue, TRow, TValue> add) : IReducer<TRow, (bool Has, TValue Value)>
{
    /// <inheritdoc/>
    public void Add(ref (bool Has, TValue Value) accumulator, in TRow row, long weight)
    {
        Arrival.Require(weight, "Fold");
        var folded = accumulator.Has ? accumulator.Value : seed;
        for (var i = 0L; i < weight; i++) folded = add(folded, row);
        accumulator = (true, folded);
    }
}

internal static class Arrival
{
    /// <summary>What depends on the order of arrival can't take a row back.</summary>
    public static void Require(long weight, string reducer)
    {
        if (weight < 0) throw new InvalidOperationException($"{reducer} goes by the order in which rows come, and can't take a row back. Use it over rows that only come, or MinBy, MaxBy or Compute, which can.");
    }
}
