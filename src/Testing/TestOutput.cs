using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Testing;

/// <summary>What a keyed table gave: its rows as they are, and what the last epoch changed.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The rows.</typeparam>
public sealed class TestOutput<TKey, TRow> : IKeyedFormatter<TKey, TRow>
    where TKey : notnull
{
    private readonly Dictionary<TKey, TRow> _rows = [];
    private readonly Dictionary<TKey, TRow?> _changes = [];

    internal TestOutput()
    {
    }

    /// <summary>The rows by key.</summary>
    public IReadOnlyDictionary<TKey, TRow> Rows => _rows;

    /// <summary>What the last epoch changed: a row for each key that has one now, the default for one that has none any more.</summary>
    public IReadOnlyDictionary<TKey, TRow?> Changes => _changes;

    void IKeyedFormatter<TKey, TRow>.Upsert(in TKey key, in TRow row, OutputBuffer output) => _rows[key] = (_changes[key] = row)!;

    void IKeyedFormatter<TKey, TRow>.Delete(in TKey key, OutputBuffer output)
    {
        _changes[key] = default;
        _rows.Remove(key);
    }

    internal void BeginEpoch() => _changes.Clear();

    internal void Forget() => _rows.Clear();
}
