using System.Text;
using System.Text.Json;

namespace Pathway.Connectors.Postgres;

/// <summary>Rows and keys as the JSON that dead letters hold: an object of the columns' texts, an array of the key's.</summary>
internal static class RowText
{
    /// <summary>A whole row.</summary>
    public static string Of(TargetTable table, in TupleData row)
    {
        var (texts, at) = (new Dictionary<string, string?>(), 0);
        foreach (var value in row) texts[table.Columns[at++].Name] = TextOf(value);
        return JsonSerializer.Serialize(texts, RowJson.Options);
    }

    /// <summary>A key.</summary>
    public static string OfKey(in TupleData key)
    {
        var texts = new List<string?>();
        foreach (var value in key) texts.Add(TextOf(value));
        return JsonSerializer.Serialize(texts, RowJson.Options);
    }

    /// <summary>The row of a letter, in the columns of the table as it is now; what the letter doesn't have is NULL.</summary>
    public static byte[] ToTuple(TargetTable table, string row)
    {
        var texts = JsonSerializer.Deserialize<Dictionary<string, string?>>(row, RowJson.Options)!;
        return Tuple([.. table.Columns.Select(c => texts.GetValueOrDefault(c.Name))]);
    }

    /// <summary>The key of a letter.</summary>
    public static byte[] ToKey(string key) => Tuple(JsonSerializer.Deserialize<string?[]>(key, RowJson.Options)!);

    /// <summary>A row of these texts.</summary>
    public static byte[] Tuple(string?[] texts)
    {
        using var writer = new TupleWriter();
        writer.Begin();
        foreach (var text in texts)
        {
            if (text is null) writer.Null();
            else Encoding.UTF8.GetBytes(text, writer.BeginText(Encoding.UTF8.GetByteCount(text)));
        }

        return writer.Written.ToArray();
    }

    /// <summary>A row whose values that weren't sent are taken from another.</summary>
    public static byte[] Filled(in TupleData row, in TupleData from)
    {
        using var writer = new TupleWriter(row.Memory.Length + from.Memory.Length);
        writer.Begin();
        var known = from.GetEnumerator();
        foreach (var value in row) writer.Value(known.MoveNext() && value.Kind == TupleData.ValueKind.Unchanged ? known.Current : value);
        return writer.Written.ToArray();
    }

    /// <summary>The key within a row.</summary>
    public static byte[] KeyOf(TargetTable table, in TupleData row)
    {
        var values = new List<string?>();
        foreach (var value in row) values.Add(TextOf(value));
        return Tuple([.. table.KeyPlaces().Select(k => values[k])]);
    }

    private static string? TextOf(in TupleData.Value value) => value.Kind == TupleData.ValueKind.Text ? Encoding.UTF8.GetString(value.Bytes) : null;
}
