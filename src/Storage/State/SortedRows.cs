using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Rows with weights in their order: a list of short sorted runs, so that a change moves few rows.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class SortedRows<TRow>
{
    private const int RunLength = 128;

    private readonly IComparer<TRow> _order;
    private readonly List<Run> _runs = [];
    private Delta<TRow>[] _sorting = [];

    internal SortedRows(IComparer<TRow> order) => _order = order;

    /// <summary>How many different rows.</summary>
    public int Count { get; private set; }

    /// <summary>How many rows, equal ones counted each.</summary>
    public long Weight { get; private set; }

    /// <summary>How many runs the rows stand in.</summary>
    public int Runs => _runs.Count;

    /// <summary>The first row; only if there is one.</summary>
    public ref readonly Delta<TRow> First => ref _runs[0].Rows[0];

    /// <summary>The last row; only if there is one.</summary>
    public ref readonly Delta<TRow> Last => ref _runs[^1].Rows[_runs[^1].Count - 1];

    /// <summary>The rows of run <paramref name="run"/>, ascending; the runs ascend as well.</summary>
    public ReadOnlySpan<Delta<TRow>> RowsOf(int run) => _runs[run].Rows.AsSpan(0, _runs[run].Count);

    /// <summary>How often <paramref name="row"/> is there.</summary>
    public long WeightOf(in TRow row) => Count > 0 && RunOf(in row) is var run && Find(run, in row) is var at and >= 0 ? run.Rows[at].Weight : 0;

    /// <summary>The last row before <paramref name="row"/>, which need not be there itself.</summary>
    public bool TryBefore(in TRow row, out Delta<TRow> before)
    {
        before = default;
        if (Count == 0) return false;
        var index = RunIndexOf(in row);
        var at = Find(_runs[index], in row);
        at = (at < 0 ? ~at : at) - 1;
        if (at < 0 && --index >= 0) at = _runs[index].Count - 1;
        if (index < 0) return false;
        before = _runs[index].Rows[at];
        return true;
    }

    /// <summary>The first row behind <paramref name="row"/>, which need not be there itself.</summary>
    public bool TryAfter(in TRow row, out Delta<TRow> after)
    {
        after = default;
        if (Count == 0) return false;
        var index = RunIndexOf(in row);
        var at = Find(_runs[index], in row);
        at = at < 0 ? ~at : at + 1;
        if (at == _runs[index].Count) (index, at) = (index + 1, 0);
        if (index == _runs.Count) return false;
        after = _runs[index].Rows[at];
        return true;
    }

    /// <summary>The row of number <paramref name="rank"/>, from 0, equal rows counted each.</summary>
    public TRow AtRank(long rank)
    {
        foreach (var run in _runs)
        {
            if (rank >= run.Weight)
            {
                rank -= run.Weight;
                continue;
            }

            foreach (ref readonly var row in run.Rows.AsSpan(0, run.Count))
                if ((rank -= row.Weight) < 0) return row.Row;
        }

        throw new ArgumentOutOfRangeException(nameof(rank));
    }

    /// <summary>Takes <paramref name="rows"/> in the place of all others.</summary>
    internal void Fill(ReadOnlySpan<Delta<TRow>> rows)
    {
        _runs.Clear();
        (Count, Weight) = (rows.Length, 0);
        if (_sorting.Length < rows.Length) _sorting = new Delta<TRow>[rows.Length];
        rows.CopyTo(_sorting);
        var sorted = _sorting.AsSpan(0, rows.Length);
        sorted.Sort((x, y) => _order.Compare(x.Row, y.Row));
        for (var from = 0; from < sorted.Length; from += RunLength / 2)
        {
            var part = sorted.Slice(from, Math.Min(RunLength / 2, sorted.Length - from));
            var run = new Run(part.Length <= 8 && sorted.Length == part.Length ? part.Length : RunLength) { Count = part.Length };
            part.CopyTo(run.Rows);
            foreach (ref readonly var row in part) run.Weight += row.Weight;
            Weight += run.Weight;
            _runs.Add(run);
        }

        sorted.Clear();
        if (_sorting.Length > RunLength) _sorting = [];
    }

    /// <summary>Adds <paramref name="weight"/> to the weight of <paramref name="row"/>; a row at zero is gone.</summary>
    internal void Add(in TRow row, long weight)
    {
        if (_runs.Count == 0) _runs.Add(new Run(RunLength));
        var index = RunIndexOf(in row);
        var run = _runs[index];
        run.Weight += weight;
        Weight += weight;
        var at = Find(run, in row);
        if (at < 0)
        {
            Insert(index, ~at, new Delta<TRow>(row, weight));
            return;
        }

        var sum = checked(run.Rows[at].Weight + weight);
        run.Rows[at] = run.Rows[at] with { Weight = sum };
        if (sum != 0) return;
        Count--;
        run.Count--;
        run.Rows.AsSpan(at + 1, run.Count - at).CopyTo(run.Rows.AsSpan(at));
        run.Rows[run.Count] = default;
        if (run.Count == 0) _runs.RemoveAt(index);
    }

    private void Insert(int index, int at, in Delta<TRow> row)
    {
        var run = _runs[index];
        if (run.Count == run.Rows.Length)
        {
            var half = run.Count / 2;
            var next = new Run(RunLength) { Count = run.Count - half };
            run.Rows.AsSpan(half, next.Count).CopyTo(next.Rows);
            run.Rows.AsSpan(half, next.Count).Clear();
            if (run.Rows.Length < RunLength) Array.Resize(ref run.Rows, RunLength);
            run.Count = half;
            foreach (ref readonly var moved in next.Rows.AsSpan(0, next.Count)) next.Weight += moved.Weight;
            run.Weight -= next.Weight;
            _runs.Insert(index + 1, next);
            if (at > half)
            {
                // The weight of the new row was counted for the first half already.
                run.Weight -= row.Weight;
                next.Weight += row.Weight;
                (run, at) = (next, at - half);
            }
        }

        run.Rows.AsSpan(at, run.Count - at).CopyTo(run.Rows.AsSpan(at + 1));
        run.Rows[at] = row;
        run.Count++;
        Count++;
    }

    private Run RunOf(in TRow row) => _runs[RunIndexOf(in row)];

    /// <summary>The last run that begins at or before a row; the first one if none does.</summary>
    private int RunIndexOf(in TRow row)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_order.Compare(_runs[middle].Rows[0].Row, row) <= 0) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private int Find(Run run, in TRow row)
    {
        var (low, high) = (0, run.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _order.Compare(run.Rows[middle].Row, row);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    private sealed class Run(int length)
    {
        public Delta<TRow>[] Rows = new Delta<TRow>[Math.Max(1, length)];

        public int Count { get; set; }

        public long Weight { get; set; }
    }
}
