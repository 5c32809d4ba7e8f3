using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The deltas that an operator gives in one step: rows, and weights where not all are +1.</summary>
/// <remarks>Written by its operator, read by those behind it, used again in the next step. Arrays are kept while they fit.</remarks>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class Batch<TRow>
{
    private static readonly bool RowRefers = System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences<TRow>();
    private TRow[] _rows = [];
    private long[] _weights = [];
    private bool _weighted;

    /// <summary>How many deltas.</summary>
    public int Count { get; private set; }

    /// <summary>The rows.</summary>
    public ReadOnlySpan<TRow> Rows => _rows.AsSpan(0, Count);

    /// <summary>The weights; empty where all are +1.</summary>
    public ReadOnlySpan<long> Weights => _weighted ? _weights.AsSpan(0, Count) : default;

    /// <summary>Adds a row that comes once.</summary>
    public void Add(in TRow row)
    {
        if (Count == _rows.Length) Grow(Count + 1);
        if (_weighted) _weights[Count] = 1;
        _rows[Count++] = row;
    }

    /// <summary>Adds a row with a weight; zero adds nothing.</summary>
    public void Add(in TRow row, long weight)
    {
        if (weight == 0) return;
        if (Count == _rows.Length) Grow(Count + 1);
        if (weight != 1 && !_weighted) BeginWeights();
        if (_weighted) _weights[Count] = weight;
        _rows[Count++] = row;
    }

    /// <summary>Adds rows that come once each.</summary>
    public void AddRange(ReadOnlySpan<TRow> rows)
    {
        if (_rows.Length - Count < rows.Length) Grow(Count + rows.Length);
        rows.CopyTo(_rows.AsSpan(Count));
        if (_weighted) _weights.AsSpan(Count, rows.Length).Fill(1);
        Count += rows.Length;
    }

    /// <summary>The weight of delta <paramref name="index"/>.</summary>
    public long WeightAt(int index) => _weighted ? _weights[index] : 1;

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        if (RowRefers) Array.Clear(_rows, 0, Count);
        Count = 0;
        _weighted = false;
    }

    private void BeginWeights()
    {
        if (_weights.Length < _rows.Length) _weights = new long[_rows.Length];
        _weights.AsSpan(0, Count).Fill(1);
        _weighted = true;
    }

    private void Grow(int count)
    {
        var capacity = Math.Max(16, Math.Max(count, _rows.Length * 2));
        Array.Resize(ref _rows, capacity);
        if (_weighted) Array.Resize(ref _weights, capacity);
    }
}
