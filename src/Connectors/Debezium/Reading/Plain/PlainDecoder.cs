using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Turns records of plain JSON into change events.</summary>
/// <remarks>One for each reader of topics; used by one thread.</remarks>
/// <param name="keys">The columns of the key; empty for those of the record's key.</param>
internal sealed class PlainDecoder(IReadOnlyList<string> keys)
{
    private static readonly PgTransaction Unknown = new(0, Lsn.None, 0, null);
    private readonly Dictionary<string, JsonColumns> _topics = [];
    private PgTransaction _transaction = Unknown;

    /// <summary>The change that a record tells of.</summary>
    /// <exception cref="FormatException">It isn't of the form.</exception>
    public ChangeEvent Decode(in SourceRecord record)
    {
        if (!_topics.TryGetValue(record.Topic, out var columns)) _topics.Add(record.Topic, columns = new JsonColumns(record.Topic));
        using var value = record.HasValue ? Parse(record.Value, "its value") : null;
        var key = record.HasKey ? KeyOf(record.Key) : default;
        if (value is not null && value.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException($"its value holds {value.RootElement.ValueKind}, not an object of columns");
        if (value is null && !record.HasKey) throw new FormatException("it has neither key nor value, so nothing says which row was deleted");
        var names = keys.Count > 0 ? keys : key.ValueKind == JsonValueKind.Object ? [.. key.EnumerateObject().Select(m => m.Name)]
            : record.HasKey ? throw new FormatException($"its key is {Short(key)}, no object of columns. Name the columns of the key (key: [id])") : (IReadOnlyList<string>)[];
        var row = Row(value?.RootElement, key, names);
        var table = value is null ? columns.OfKey(row, names) : columns.Of(row, names);
        _transaction = TransactionOf(record);
        return value is null
            ? new ChangeEvent { Table = table.Table, Kind = ChangeKind.Delete, Transaction = _transaction, Lsn = Lsn.None, Old = table.TupleOf(row) }
            : new ChangeEvent { Table = table.Table, Kind = ChangeKind.Insert, Transaction = _transaction, Lsn = Lsn.None, New = table.TupleOf(row) };
    }

    // The members of the value, and those of the key that it lacks. A key of one column may be that column's value itself.
    private static Dictionary<string, JsonElement> Row(JsonElement? value, JsonElement key, IReadOnlyList<string> names)
    {
        var row = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (value is { } members)
            foreach (var member in members.EnumerateObject()) row[member.Name] = member.Value;
        foreach (var name in names)
        {
            if (row.ContainsKey(name)) continue;
            if (key.ValueKind == JsonValueKind.Object && key.TryGetProperty(name, out var part)) row[name] = part;
            else if (names.Count == 1 && key.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined)) row[name] = key;
            else throw new FormatException($"neither its value nor its key has the column '{name}' of the key");
        }

        foreach (var name in names)
            if (row[name].ValueKind is JsonValueKind.Null) throw new FormatException($"the column '{name}' of its key is null");
        return row;
    }

    private PgTransaction TransactionOf(in SourceRecord record)
    {
        var micros = ((record.Time ?? DateTimeOffset.UnixEpoch) - DateTimeOffset.UnixEpoch).Ticks / 10;
        return _transaction.CommitMicros == micros ? _transaction : new PgTransaction(0, Lsn.None, micros, null);
    }

    // Keys are often texts as they are.
    private static JsonElement KeyOf(ReadOnlySpan<byte> key)
    {
        try
        {
            var reader = new Utf8JsonReader(key);
            var element = JsonElement.ParseValue(ref reader);
            return reader.BytesConsumed == key.Length && !reader.Read() ? element : AsText(key);
        }
        catch (JsonException)
        {
            return AsText(key);
        }
    }

    private static JsonElement AsText(ReadOnlySpan<byte> key) => JsonSerializer.SerializeToElement(System.Text.Encoding.UTF8.GetString(key), RowJson.Options);

    private static JsonDocument Parse(ReadOnlySpan<byte> json, string what)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            var document = JsonDocument.ParseValue(ref reader);
            return reader.Read() ? throw new FormatException($"{what} goes on behind its end") : document;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{what} isn't JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static string Short(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? text[..40] + "…" : value.GetRawText();
}
