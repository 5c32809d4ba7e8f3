namespace Pathway.Engine;

/// <summary>The sum of whole numbers, checked when it is given out: a sum that doesn't fit stops the pipeline rather than be wrong.</summary>
public readonly struct SumInt64<TRow>(Func<TRow, long> value) : IReducer<TRow, WideSum>
{
    /// <inheritdoc/>
    public void Add(ref WideSum accumulator, in TRow row, long weight) => accumulator = accumulator.Plus(value(row), weight);
}

/// <summary>The sum of <see cref="int"/> values, kept in 64 bits.</summary>
public readonly struct SumInt32<TRow>(Func<TRow, int> value) : IReducer<TRow, long>
{
    /// <inheritdoc/>
    public void Add(ref long accumulator, in TRow row, long weight) => accumulator = checked(accumulator + (value(row) * weight));
}

/// <summary>The sum of <see cref="decimal"/> values.</summary>
public readonly struct SumDecimal<TRow>(Func<TRow, decimal> value) : IReducer<TRow, decimal>
{
    /// <inheritdoc/>
    public void Add(ref decimal accumulator, in TRow row, long weight) => accumulator += weight == 1 ? value(row) : value(row) * weight;
}

/// <summary>The sum of floating-point numbers without rounding.</summary>
public readonly struct SumExact<TRow>(Func<TRow, double> value) : IReducer<TRow, ExactSum>
{
    /// <inheritdoc/>
    public void Add(ref ExactSum accumulator, in TRow row, long weight) => accumulator = accumulator.Plus(value(row), weight);
}

/// <summary>The sum of floating-point numbers as they come: fast, but rounding errors of what came and went stay in it.</summary>
public readonly struct SumFast<TRow>(Func<TRow, double> value) : IReducer<TRow, double>
{
    /// <inheritdoc/>
    public void Add(ref double accumulator, in TRow row, long weight) => accumulator += value(row) * weight;
}
