using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Rows of one input to JSON and back.</summary>
internal interface IRowListJson
{
    void Write(Utf8JsonWriter json, IRowBuffer rows);

    IRowBuffer Read(JsonElement rows);
}

/// <summary>How rows of a type stand in a recording.</summary>
internal static class RowListJson
{
    /// <summary>The form for rows of a type.</summary>
    public static IRowListJson Of(Type row) => (IRowListJson)Activator.CreateInstance(row.IsGenericType && row.GetGenericTypeDefinition() == typeof(Upsert<,>)
        ? typeof(UpsertListJson<,>).MakeGenericType(row.GetGenericArguments())
        : typeof(RowListJson<>).MakeGenericType(row))!;
}

/// <inheritdoc/>
internal sealed class RowListJson<TRow> : IRowListJson
{
    public void Write(Utf8JsonWriter json, IRowBuffer rows)
    {
        json.WriteStartArray();
        foreach (ref readonly var row in ((RowBuffer<TRow>)rows).Rows) JsonSerializer.Serialize(json, row, RowJson.Options);
        json.WriteEndArray();
    }

    public IRowBuffer Read(JsonElement rows)
    {
        var buffer = new RowBuffer<TRow>(rows.GetArrayLength());
        foreach (var row in rows.EnumerateArray()) buffer.Add(row.Deserialize<TRow>(RowJson.Options)!);
        return buffer;
    }
}

/// <summary>Upserts as <c>{"key":…,"row":…}</c>, deletes as <c>{"key":…}</c>, a table that is emptied as <c>{}</c>, begin and end of one that is said again as <c>{"load":"begin"}</c>, <c>{"load":"end"}</c>.</summary>
internal sealed class UpsertListJson<TKey, TRow> : IRowListJson
{
    public void Write(Utf8JsonWriter json, IRowBuffer rows)
    {
        json.WriteStartArray();
        foreach (ref readonly var change in ((RowBuffer<Upsert<TKey, TRow>>)rows).Rows)
        {
            if (change.Kind == UpsertKind.Change)
                throw new ConnectorException($"The change of key {change.Key} can't be recorded: the source sent what changed, not the whole row. Let the source send whole rows (REPLICA IDENTITY FULL), or record without this table.");
            json.WriteStartObject();
            if (change.Kind is UpsertKind.LoadBegin or UpsertKind.LoadEnd) json.WriteString("load", change.Kind == UpsertKind.LoadBegin ? "begin" : "end");
            if (!change.IsOfAllKeys)
            {
                json.WritePropertyName("key");
                JsonSerializer.Serialize(json, change.Key, RowJson.Options);
            }

            if (change.Kind == UpsertKind.Put)
            {
                json.WritePropertyName("row");
                JsonSerializer.Serialize(json, change.Row, RowJson.Options);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public IRowBuffer Read(JsonElement rows)
    {
        var buffer = new RowBuffer<Upsert<TKey, TRow>>(rows.GetArrayLength());
        foreach (var change in rows.EnumerateArray()) buffer.Add(ReadOne(change));
        return buffer;
    }

    private static Upsert<TKey, TRow> ReadOne(JsonElement change)
    {
        if (change.TryGetProperty("load", out var load)) return load.ValueEquals("begin") ? Upsert<TKey, TRow>.LoadBegin() : Upsert<TKey, TRow>.LoadEnd();
        if (!change.TryGetProperty("key", out var key)) return Upsert<TKey, TRow>.Clear();
        var read = key.Deserialize<TKey>(RowJson.Options)!;
        return change.TryGetProperty("row", out var row) ? Upsert<TKey, TRow>.Put(read, row.Deserialize<TRow>(RowJson.Options)!) : Upsert<TKey, TRow>.Delete(read);
    }
}
