using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Makes a row of a record's value and of what else the record says: its topic, partition, offset, time, key and headers.</summary>
/// <typeparam name="TValue">What the value holds.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public delegate TRow RecordSelector<in TValue, out TRow>(TValue value, in SourceRecord record);

/// <summary>One row for each record, out of its value.</summary>
/// <param name="value">The form of the value.</param>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class ValueRecordParser<TRow>(IParser<TRow> value) : IRecordParser<TRow>
{
    /// <inheritdoc/>
    public void Parse(in SourceRecord record, RowBuffer<TRow> rows)
    {
        if (!record.HasValue) throw NoValue();
        rows.Add(value.Parse(record.Value));
    }

    internal static FormatException NoValue() => new("it has no value (a tombstone), which a stream of rows has no place for. Read the topic as a keyed table, or with a record parser of your own");
}

/// <summary>One row for each record, out of its value and its metadata.</summary>
/// <param name="value">The form of the value.</param>
/// <param name="select">Makes the row.</param>
/// <typeparam name="TValue">What the value holds.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class SelectedRecordParser<TValue, TRow>(IParser<TValue> value, RecordSelector<TValue, TRow> select) : IRecordParser<TRow>
{
    /// <inheritdoc/>
    public void Parse(in SourceRecord record, RowBuffer<TRow> rows)
    {
        if (!record.HasValue) throw ValueRecordParser<TRow>.NoValue();
        rows.Add(select(value.Parse(record.Value), record));
    }
}

/// <summary>Records as what stands under their keys: a value is the row from now on, none takes it away.</summary>
/// <param name="key">The form of the key.</param>
/// <param name="row">The form of the value.</param>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class KeyedRecordParser<TKey, TRow>(IParser<TKey> key, IParser<TRow> row) : IRecordParser<Upsert<TKey, TRow>>
{
    /// <inheritdoc/>
    public void Parse(in SourceRecord record, RowBuffer<Upsert<TKey, TRow>> rows)
    {
        if (!record.HasKey) throw new FormatException("it has no key, which a keyed table needs. Read the topic as a stream");
        var at = ParseKey(record.Key);
        rows.Add(record.HasValue ? Upsert<TKey, TRow>.Put(at, row.Parse(record.Value)) : Upsert<TKey, TRow>.Delete(at));
    }

    private TKey ParseKey(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return key.Parse(bytes);
        }
        catch (FormatException e)
        {
            throw new FormatException($"its key can't be read: {e.Message}", e);
        }
    }
}
