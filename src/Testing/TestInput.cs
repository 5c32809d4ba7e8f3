using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Testing;

/// <summary>A keyed table that a test feeds.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class TestInput<TKey, TRow> : ITestInput
    where TKey : notnull
{
    private readonly ISource _source;
    private RowBuffer<Upsert<TKey, TRow>> _rows = new();

    internal TestInput(ISource source, Table<TKey, TRow> table) => (_source, Table) = (source, table);

    /// <summary>The table, for the query.</summary>
    public Table<TKey, TRow> Table { get; }

    ISource ITestInput.Source => _source;

    /// <summary>In the next epoch, <paramref name="row"/> stands under <paramref name="key"/>.</summary>
    public void Put(TKey key, TRow row) => _rows.Add(Upsert<TKey, TRow>.Put(key, row));

    /// <summary>In the next epoch, the row under <paramref name="key"/> becomes what <paramref name="patch"/> makes of it.</summary>
    public void Change(TKey key, Func<TRow, TRow> patch) => _rows.Add(Upsert<TKey, TRow>.Change(key, patch));

    /// <summary>In the next epoch, no row stands under <paramref name="key"/>.</summary>
    public void Delete(TKey key) => _rows.Add(Upsert<TKey, TRow>.Delete(key));

    /// <summary>In the next epoch, the row under <paramref name="from"/> stands under <paramref name="key"/>, as what <paramref name="patch"/> makes of it.</summary>
    public void Move(TKey from, TKey key, Func<TRow, TRow> patch) => _rows.Add(Upsert<TKey, TRow>.Change(key, new Patch<TKey, TRow>(from, patch)));

    /// <summary>In the next epoch, the table is empty.</summary>
    public void Clear() => _rows.Add(Upsert<TKey, TRow>.Clear());

    IRowBuffer ITestInput.Take()
    {
        var rows = _rows;
        _rows = new();
        return rows;
    }
}

/// <summary>An input of a test pipeline, whatever its type.</summary>
internal interface ITestInput
{
    /// <summary>Its source.</summary>
    ISource Source { get; }

    /// <summary>Takes what was fed.</summary>
    IRowBuffer Take();
}

/// <summary>A source that nobody reads.</summary>
internal sealed class TestSource<TRow>(string name) : ISource<TRow>, ISourceOrigin
{
    public string Name => name;

    public ISourceOrigin Origin => this;

    public string Partition => $"test:{name}";

    public string Description => $"hand-fed {name}";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => throw new InvariantException("A test pipeline is fed by hand.");
}
