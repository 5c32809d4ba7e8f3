using Pathway.Core;

namespace Pathway.Execution;

/// <summary>What became of one key: the row that went, the row that came, each if there is one.</summary>
internal struct KeyChange<TKey, TRow>(TKey key)
    where TKey : notnull
{
    private List<Delta<TRow>>? _others;    // rows beside those two, for as long as what comes and goes hasn't cancelled out
    private TRow? _old;

    /// <summary>The key.</summary>
    public readonly TKey Key => key;

    /// <summary>The next change in the same bucket of <see cref="KeyChanges{TKey, TRow}"/>, plus one; 0 at the end.</summary>
    public int Next { get; set; }

    /// <summary>The row that came.</summary>
    public TRow? New { get; private set; }

    /// <summary>Whether a row went that didn't come back.</summary>
    public bool HasOld { get; private set; }

    /// <summary>Whether a row came that didn't go again.</summary>
    public bool HasNew { get; private set; }

    /// <summary>A row came (positive) or went (negative).</summary>
    public void Add(in TRow row, long weight)
    {
        if (weight == 1) Come(in row);
        else if (weight == -1) Go(in row);
        else (_others ??= []).Add(new Delta<TRow>(row, weight));
    }

    /// <summary>Several rows came or went under the key, in whatever order: what is left when they have cancelled out is what counts.</summary>
    /// <exception cref="BadDataException">Two rows are left.</exception>
    public void Settle(string table)
    {
        if (_others is null) return;
        if (HasOld) _others.Add(new Delta<TRow>(_old!, -1));
        if (HasNew) _others.Add(new Delta<TRow>(New!, 1));
        var left = _others.GroupBy(d => d.Row).Select(g => new Delta<TRow>(g.Key, g.Sum(d => d.Weight))).Where(d => d.Weight != 0).ToList();
        var come = left.Where(d => d.Weight > 0).ToList();
        if (come.Count > 1 || come.Any(d => d.Weight > 1))
            throw new BadDataException($"Key {Key} of {table} has two rows at once: {come[0].Row} and {come[^1].Row}. A keyed table has one row under a key: choose a key that is unique, or group by it.");
        (HasNew, New) = come.Count == 1 ? (true, come[0].Row) : (false, default);
        HasOld = left.Any(d => d.Weight < 0);
        _others = null;
    }

    private void Come(in TRow row)
    {
        if (HasOld && EqualityComparer<TRow>.Default.Equals(_old, row)) HasOld = false;
        else if (HasNew) (_others ??= []).Add(new Delta<TRow>(row, 1));
        else (HasNew, New) = (true, row);
    }

    private void Go(in TRow row)
    {
        if (HasNew && EqualityComparer<TRow>.Default.Equals(New, row)) HasNew = false;
        else if (HasOld) (_others ??= []).Add(new Delta<TRow>(row, -1));
        else (HasOld, _old) = (true, row);
    }
}
