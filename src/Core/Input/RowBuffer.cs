namespace Pathway.Core;

/// <summary>Rows of one input, in the order of their source partition, handed from a source to the engine without boxing.</summary>
public interface IRowBuffer
{
    /// <summary>How many rows it holds.</summary>
    int Count { get; }
}

/// <inheritdoc cref="IRowBuffer"/>
/// <remarks>Filled by one thread, then handed on; not written after that.</remarks>
/// <typeparam name="TRow">The type of the rows.</typeparam>
public sealed class RowBuffer<TRow>(int capacity = 16) : IRowBuffer
{
    private TRow[] _rows = new TRow[Math.Max(capacity, 1)];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>The rows.</summary>
    public ReadOnlySpan<TRow> Rows => _rows.AsSpan(0, Count);

    /// <summary>Appends a row.</summary>
    public void Add(in TRow row)
    {
        if (Count == _rows.Length) Array.Resize(ref _rows, Count * 2);
        _rows[Count++] = row;
    }
}
