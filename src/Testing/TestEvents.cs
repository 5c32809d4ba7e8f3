using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Testing;

/// <summary>A table whose rows only ever come, fed by a test.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class TestEvents<TRow> : ITestInput
{
    private readonly ISource _source;
    private RowBuffer<TRow> _rows = new();

    internal TestEvents(ISource source, Table<TRow> table) => (_source, Table) = (source, table);

    /// <summary>The table, for the query.</summary>
    public Table<TRow> Table { get; }

    ISource ITestInput.Source => _source;

    /// <summary>In the next epoch, <paramref name="row"/> comes.</summary>
    public void Push(TRow row) => _rows.Add(row);

    IRowBuffer ITestInput.Take()
    {
        var rows = _rows;
        _rows = new();
        return rows;
    }
}
