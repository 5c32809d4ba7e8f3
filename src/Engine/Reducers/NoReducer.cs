namespace Pathway.Engine;

/// <summary>Nothing beside the count of rows, which every group has.</summary>
public readonly struct NoReducer<TRow> : IReducer<TRow, ValueTuple>
{
    /// <inheritdoc/>
    public void Add(ref ValueTuple accumulator, in TRow row, long weight)
    {
    }
}
