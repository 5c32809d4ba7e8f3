using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Key → rows with weights in the order of the rows: what minimum, percentile, neighbours and the like remember.</summary>
/// <remarks>
/// An arrangement, which is what is durable, and beside it, in memory only, the order of the rows of large keys, made when it is first asked for, and forgotten where memory is needed. So the rows of one key have to fit
/// into memory.
/// Used by one thread.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class OrderedState<TKey, TRow> : IOrders
    where TKey : notnull
{
    private const int SortedAnewUpTo = 32;

    /// <summary>Runs are three quarters full on average. What the rows refer to is the arrangement's.</summary>
    private static readonly int RowBytes = Unsafe.SizeOf<Delta<TRow>>() * 4 / 3;

    private readonly StateStore _store;
    private readonly Arrangement<TKey, TRow> _rows;
    private readonly IComparer<TRow> _order;
    private readonly SortedRows<TRow> _few;
    private readonly Dictionary<TKey, SortedRows<TRow>> _many = [];
    private long _manyRows;

    internal OrderedState(StateStore store, Arrangement<TKey, TRow> rows, IComparer<TRow> order) => (_store, _rows, _order, _few) = (store, rows, order, new(order));

    /// <inheritdoc/>
    long IOrders.Bytes => _manyRows * RowBytes;

    /// <summary>Adds <paramref name="weight"/>, which may be negative, to the weight of <paramref name="row"/> under <paramref name="key"/>; a row at zero is gone.</summary>
    public void Add(in TKey key, in TRow row, long weight)
    {
        _rows.Add(in key, in row, weight);
        if (weight == 0 || _many.Count == 0 || !_many.TryGetValue(key, out var sorted)) return;
        _manyRows -= sorted.Count;
        sorted.Add(in row, weight);
        _manyRows += sorted.Count;
    }

    /// <summary>The rows under <paramref name="key"/> in their order; valid until the next call.</summary>
    public SortedRows<TRow> Rows(in TKey key)
    {
        if (_many.Count > 0 && _many.TryGetValue(key, out var sorted)) return sorted;
        var rows = _rows.Rows(in key);
        if (rows.Length <= SortedAnewUpTo)
        {
            _few.Fill(rows);
            return _few;
        }

        if (_manyRows * RowBytes > _store.OrdersMax) Forget();
        sorted = new SortedRows<TRow>(_order);
        sorted.Fill(rows);
        _many.Add(key, sorted);
        _manyRows += rows.Length;
        return sorted;
    }

    /// <inheritdoc/>
    void IOrders.Forget() => Forget();

    /// <summary>Every key with its rows in their order, as they are stored (<see cref="Arrangement{TKey, TRow}.Stored"/>); the rows are valid until the next key.</summary>
    public IEnumerable<KeyValuePair<TKey, SortedRows<TRow>>> Stored()
    {
        var (sorted, rows) = (new SortedRows<TRow>(_order), new List<Delta<TRow>>());
        var at = default(TKey)!;
        foreach (var (key, row) in _rows.Stored())
        {
            if (rows.Count > 0 && !EqualityComparer<TKey>.Default.Equals(key, at))
            {
                sorted.Fill(CollectionsMarshal.AsSpan(rows));
                yield return new(at, sorted);
                rows.Clear();
            }

            at = key;
            rows.Add(row);
        }

        if (rows.Count == 0) yield break;
        sorted.Fill(CollectionsMarshal.AsSpan(rows));
        yield return new(at, sorted);
    }

    /// <summary>The rows under <paramref name="key"/> in no order, each with its weight; valid until the next call.</summary>
    public ReadOnlySpan<Delta<TRow>> Unordered(in TKey key) => _rows.Rows(in key);

    private void Forget()
    {
        _many.Clear();
        _manyRows = 0;
    }
}
