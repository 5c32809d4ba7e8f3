using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Key and row as JSON: an upsert is a record with key and value, a delete one with a key and no value (a tombstone).</summary>
/// <param name="destination">The topic or table.</param>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class JsonKeyedFormatter<TKey, TRow>(string destination) : IKeyedFormatter<TKey, TRow>
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = RowJson.Options.Encoder, SkipValidation = true };
    private Utf8JsonWriter? _writer;

    /// <inheritdoc/>
    public void Upsert(in TKey key, in TRow row, OutputBuffer output)
    {
        BeginRow(key, output);
        output.BeginValue();
        Write(row, output);
        output.EndRow();
    }

    /// <inheritdoc/>
    public void Delete(in TKey key, OutputBuffer output)
    {
        BeginRow(key, output);
        output.EndRow();
    }

    private void BeginRow(in TKey key, OutputBuffer output)
    {
        output.BeginRow(output.Destination(destination));
        output.BeginKey();
        Write(key, output);
    }

    private void Write<T>(in T value, OutputBuffer output)
    {
        if (_writer is null) _writer = new Utf8JsonWriter(output, WriterOptions);
        else _writer.Reset(output);
        JsonSerializer.Serialize(_writer, value, RowJson.Options);
        _writer.Flush();
    }
}
