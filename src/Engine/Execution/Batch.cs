using System.Buffers;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The deltas that an operator gives in one step: rows, and weights where not all are +1.</summary>
/// <remarks>Written by its operator, read by those behind it, emptied at the end of the step. Arrays of some size come from the shared pool and go back to it, so that one large epoch holds no memory for ever.</remarks>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class Batch<TRow> : IEventOutput<TRow>
{
    /// <summary>Arrays up to this length are kept between steps.</summary>
    private const int KeptLength = 256;

    private static readonly bool RowRefers = RuntimeHelpers.IsReferenceOrContainsReferences<TRow>();
    private TRow[] _rows = [];
    private long[] _weights = [];
    private bool _weighted;
    private int _lengthBefore = 16;

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

    /// <summary>Adds all deltas of another batch.</summary>
    public void AddRange(Batch<TRow> other)
    {
        if (other.Weights.IsEmpty) AddRange(other.Rows);
        else
            for (var i = 0; i < other.Count; i++) Add(in other._rows[i], other._weights[i]);
    }

    /// <summary>The weight of delta <paramref name="index"/>.</summary>
    public long WeightAt(int index) => _weighted ? _weights[index] : 1;

    /// <summary>Takes the deltas from number <paramref name="count"/> on back.</summary>
    public void Truncate(int count)
    {
        if (RowRefers) Array.Clear(_rows, count, Count - count);
        Count = count;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        if (RowRefers) Array.Clear(_rows, 0, Count);
        _lengthBefore = Math.Max(16, Count);
        Count = 0;
        _weighted = false;
        if (_rows.Length <= KeptLength) return;
        ArrayPool<TRow>.Shared.Return(_rows);
        _rows = [];
        if (_weights.Length > 0) ArrayPool<long>.Shared.Return(_weights);
        _weights = [];
    }

    private void BeginWeights()
    {
        if (_weights.Length < _rows.Length)
        {
            if (_weights.Length > 0) ArrayPool<long>.Shared.Return(_weights);
            _weights = ArrayPool<long>.Shared.Rent(_rows.Length);
        }

        _weights.AsSpan(0, Count).Fill(1);
        _weighted = true;
    }

    private void Grow(int count)
    {
        Grow(ref _rows, Math.Max(count, _rows.Length == 0 ? _lengthBefore : _rows.Length * 2), Count, RowRefers);
        if (_weighted) Grow(ref _weights, _rows.Length, Count, clear: false);
    }

    private static void Grow<T>(ref T[] array, int length, int used, bool clear)
    {
        var larger = ArrayPool<T>.Shared.Rent(length);
        array.AsSpan(0, used).CopyTo(larger);
        if (clear) Array.Clear(array, 0, used);
        if (array.Length > 0) ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}
