namespace Pathway.Engine;

/// <summary>The sum of whole numbers, checked: an overflow stops the pipeline rather than give a wrong sum.</summary>
public readonly struct SumInt64<TRow>(Func<TRow, long> value) : IReducer<TRow, long>
{
    /// <inheritdoc/>
    public void Add(ref long accumulator, in TRow row, long weight) => accumulator = checked(accumulator + (value(row) * weight));
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
