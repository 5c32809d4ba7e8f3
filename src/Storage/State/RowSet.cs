using Pathway.Core;

namespace Pathway.Storage;

/// <summary>The rows of one key with their weights.</summary>
/// <remarks>
/// One array in four parts: rows that are as the last commit saved them, changed rows that it knew, new rows that it didn't know, and known rows whose weight is zero now (to be deleted at the
/// next commit). So the rows with weight are one span, what a commit has to write is another, and no row needs a mark of its own. Order means nothing within a key.
/// </remarks>
/// <typeparam name="TRow">The row.</typeparam>
internal struct RowSet<TRow>
{
    private const int IndexedFrom = 17;    // comparing sixteen rows costs about what hashing one does

    private Delta<TRow>[]? _rows;
    private RowIndex<TRow>? _index;
    private int _saved;    // ends of the four parts
    private int _known;
    private int _live;
    private int _all;

    /// <summary>The rows whose weight isn't zero.</summary>
    public readonly ReadOnlySpan<Delta<TRow>> Live => new(_rows, 0, _live);

    /// <summary>The rows that the next commit has to write.</summary>
    public readonly ReadOnlySpan<Delta<TRow>> Changed => new(_rows, _saved, _live - _saved);

    /// <summary>How many of <see cref="Changed"/>, from its beginning, were saved before.</summary>
    public readonly int ChangedKnown => _known - _saved;

    /// <summary>The rows that the next commit has to delete.</summary>
    public readonly ReadOnlySpan<Delta<TRow>> Gone => new(_rows, _live, _all - _live);

    /// <summary>How many rows its array has room for.</summary>
    public readonly int Capacity => _rows?.Length ?? 0;

    /// <summary>Adds <paramref name="weight"/> to the weight of <paramref name="row"/>.</summary>
    public void Add(in TRow row, long weight)
    {
        if (weight == 0) return;
        var at = Find(in row);
        if (at < 0)
        {
            Insert(in row, weight);
            return;
        }

        var sum = checked(_rows![at].Weight + weight);
        _rows[at] = new(_rows[at].Row, sum);
        if (at >= _live) at = ToKnown(at);
        else if (at < _saved) at = Move(at, --_saved);
        if (sum != 0) return;
        if (at < _known) ToGone(at);
        else Forget(at);
    }

    /// <summary>The row has this weight in RocksDB or the log; zero takes it away. Only while nothing is changed.</summary>
    public void Restore(in TRow row, long weight)
    {
        Check.That(_saved == _all);
        var at = Find(in row);
        if (weight == 0)
        {
            if (at >= 0) Forget(at);
        }
        else if (at >= 0)
        {
            _rows![at] = new(_rows[at].Row, weight);
        }
        else
        {
            Insert(in row, weight);
        }

        _saved = _known = _live;
    }

    /// <summary>Everything changed was written.</summary>
    public void MarkSaved()
    {
        while (_all > _live) Drop(--_all);
        _saved = _known = _live;
        if (_all == 0) this = default;
        else if (_rows!.Length > 8 && _all * 4 <= _rows.Length) Array.Resize(ref _rows, _all * 2);
    }

    private readonly int Find(in TRow row)
    {
        var rows = new ReadOnlySpan<Delta<TRow>>(_rows, 0, _all);
        if (_index is not null) return _index.Find(rows, in row);
        var comparer = EqualityComparer<TRow>.Default;
        for (var at = 0; at < rows.Length; at++)
            if (comparer.Equals(rows[at].Row, row)) return at;
        return -1;
    }

    private void Insert(in TRow row, long weight)
    {
        if (_rows is null) _rows = new Delta<TRow>[1];
        else if (_all == _rows.Length) Array.Resize(ref _rows, _all * 2);
        _rows[_all] = new(row, weight);
        _index?.Add(in row, _all);
        Move(_all++, _live++);
        if (_index is null && _all == IndexedFrom) _index = new(_rows.AsSpan(0, _all));
    }

    /// <summary>From the rows to be deleted to the changed ones that were saved before.</summary>
    private int ToKnown(int at)
    {
        at = Move(at, _live++);
        return Move(at, _known++);
    }

    /// <summary>From the changed rows that were saved before to those to be deleted.</summary>
    private void ToGone(int at)
    {
        at = Move(at, --_known);
        Move(at, --_live);
    }

    /// <summary>A live row of the last part that was never saved leaves no trace.</summary>
    private void Forget(int at)
    {
        at = Move(at, --_live);
        Move(at, --_all);
        Drop(_all);
        _known = Math.Min(_known, _live);
        _saved = Math.Min(_saved, _live);
    }

    private readonly void Drop(int at)
    {
        _index?.Remove(_rows![at].Row, at);
        _rows![at] = default;
    }

    private readonly int Move(int from, int to)
    {
        if (from == to) return to;
        var rows = _rows!;
        _index?.Swap(rows[from].Row, from, rows[to].Row, to);
        (rows[from], rows[to]) = (rows[to], rows[from]);
        return to;
    }
}
