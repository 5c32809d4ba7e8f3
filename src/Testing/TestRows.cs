using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Testing;

/// <summary>A table without key that a test feeds.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class TestRows<TRow> : ITestInput
{
    private readonly ISource _source;
    private RowBuffer<Delta<TRow>> _rows = new();

    internal TestRows(ISource source, Table<TRow> table) => (_source, Table) = (source, table);

    /// <summary>The table, for the query.</summary>
    public Table<TRow> Table { get; }

    ISource ITestInput.Source => _source;

    /// <summary>In the next epoch, <paramref name="row"/> comes <paramref name="weight"/> times; negative: goes.</summary>
    public void Push(TRow row, long weight = 1) => _rows.Add(new Delta<TRow>(row, weight));

    IRowBuffer ITestInput.Take()
    {
        var rows = _rows;
        _rows = new();
        return rows;
    }
}

/// <summary>What a table without key gave: its rows as they are, and what the last epoch changed.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class TestRowsOutput<TRow> : IChangeFormatter<TRow>
{
    private readonly Dictionary<ValueTuple<TRow>, long> _weights = [];
    private readonly List<Delta<TRow>> _changes = [];

    internal TestRowsOutput()
    {
    }

    /// <summary>The rows, each as often as it is there, in no order.</summary>
    /// <exception cref="InvariantException">A row is there less than never.</exception>
    public IEnumerable<TRow> Rows
    {
        get
        {
            foreach (var (row, weight) in _weights)
            {
                if (weight < 0) throw new InvariantException($"The row {row.Item1} is there {weight} times.");
                for (var i = 0L; i < weight; i++) yield return row.Item1;
            }
        }
    }

    /// <summary>What the last epoch changed, one delta for a row.</summary>
    public IReadOnlyList<Delta<TRow>> Changes => _changes;

    void IChangeFormatter<TRow>.Format(in TRow row, long weight, Epoch time, OutputBuffer output)
    {
        _changes.Add(new Delta<TRow>(row, weight));
        var key = new ValueTuple<TRow>(row);
        var sum = _weights.GetValueOrDefault(key) + weight;
        if (sum == 0) _weights.Remove(key);
        else _weights[key] = sum;
    }

    internal void BeginEpoch() => _changes.Clear();

    internal void Forget() => _weights.Clear();
}
