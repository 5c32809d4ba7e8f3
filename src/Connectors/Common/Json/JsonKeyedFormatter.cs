using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Key and row as JSON: an upsert is a record with key and value, a delete one with a key and no value (a tombstone).</summary>
/// <param name="destination">The topic or table.</param>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class JsonKeyedFormatter<TKey, TRow>(string destination) : IKeyedFormatter<TKey, TRow>
{
    private readonly JsonRowWriter<TKey> _keys = new();
    private readonly JsonRowWriter<TRow> _rows = new();

    /// <inheritdoc/>
    public void Upsert(in TKey key, in TRow row, OutputBuffer output)
    {
        BeginRow(key, output);
        output.BeginValue();
        _rows.Write(in row, output);
        output.EndRow();
    }

    /// <inheritdoc/>
    public void Delete(in TKey key, OutputBuffer output)
    {
        BeginRow(key, output);
        output.EndRow();
    }

    /// <inheritdoc/>
    public IKeyedFormatter<TKey, TRow> ForAnotherWorker() => new JsonKeyedFormatter<TKey, TRow>(destination);

    private void BeginRow(in TKey key, OutputBuffer output)
    {
        output.BeginRow(output.Destination(destination));
        output.BeginKey();
        _keys.Write(in key, output);
    }
}
