using System.Globalization;
using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>Values of Mongo's extended JSON, canonical or relaxed, in the text of Postgres.</summary>
internal static class ExtendedJson
{
    /// <summary>The value's text; null for null. Documents and lists are their JSON.</summary>
    /// <exception cref="FormatException">A value that extended JSON marks is none.</exception>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "t",
        JsonValueKind.False => "f",
        JsonValueKind.Object => Marked(value) ?? value.GetRawText(),
        _ => value.GetRawText(),
    };

    private static string? Marked(JsonElement value)
    {
        using var members = value.EnumerateObject();
        if (!members.MoveNext() || !members.Current.Name.StartsWith('$')) return null;
        var (mark, marked) = (members.Current.Name, members.Current.Value);
        return mark switch
        {
            "$oid" or "$numberLong" or "$numberInt" or "$numberDouble" or "$numberDecimal" or "$uuid" or "$symbol" when marked.ValueKind == JsonValueKind.String => marked.GetString(),
            "$date" => Instant(marked),
            "$binary" => Binary(marked),
            "$undefined" => null,
            _ => value.GetRawText(),
        };
    }

    // Milliseconds since 1970, as a number or marked as one, or ISO 8601.
    private static string Instant(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) return TimeText.Zoned(value.GetString()!);
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$numberLong", out var marked)) value = marked;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var millis) && Math.Abs(millis) <= long.MaxValue / 1000
            ? TimeText.Timestamp(millis * 1000) + "+00"
            : throw new FormatException($"its $date is {text}, which is no time");
    }

    private static string Binary(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("base64", out var inner)) value = inner;
        return value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) ? "\\x" + Convert.ToHexStringLower(bytes) : throw new FormatException("its $binary isn't base64");
    }
}
