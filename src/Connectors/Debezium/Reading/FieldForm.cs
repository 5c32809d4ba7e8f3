using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Brings the values of one field back into the text that Postgres prints.</summary>
/// <param name="type">The column's type.</param>
/// <param name="modifier">Its modifier.</param>
/// <param name="text">The text of a value that isn't null.</param>
internal sealed class FieldForm(PgType type, int modifier, Func<JsonElement, string> text)
{
    public PgType Type => type;

    public int Modifier => modifier;

    /// <summary>The value's text.</summary>
    /// <exception cref="FormatException">The value isn't of the form.</exception>
    public string TextOf(JsonElement value) => text(value);

    /// <summary>The form of a field.</summary>
    public static FieldForm Of(FieldSchema field)
    {
        var (name, oid, modifier, text) = Find(field);
        if (name.StartsWith('_') && field.Items is { } items) return new(new PgType { Oid = oid, Name = name, Element = Of(items).Type }, modifier, text);
        return new(new PgType { Oid = oid, Name = name }, modifier, text);
    }

    private static (string Name, uint Oid, int Modifier, Func<JsonElement, string> Text) Find(FieldSchema field) => field.Semantic switch
    {
        "io.debezium.time.Date" or "org.apache.kafka.connect.data.Date" => ("date", PgTypes.Date, -1, static v => TimeText.Date(Whole(v))),
        "io.debezium.time.IsoDate" => ("date", PgTypes.Date, -1, static v => Text(v).TrimEnd('Z')),
        "io.debezium.time.Time" or "org.apache.kafka.connect.data.Time" => ("time", PgTypes.Time, -1, static v => TimeText.Time(checked(Whole(v) * 1000))),
        "io.debezium.time.MicroTime" => ("time", PgTypes.Time, -1, static v => TimeText.Time(Whole(v))),
        "io.debezium.time.NanoTime" => ("time", PgTypes.Time, -1, static v => TimeText.Time(TimeText.MicrosOf(Whole(v)))),
        "io.debezium.time.IsoTime" => ("time", PgTypes.Time, -1, static v => Text(v).TrimEnd('Z')),
        "io.debezium.time.ZonedTime" => ("timetz", PgTypes.Timetz, -1, static v => TimeText.Zoned(Text(v))),
        "io.debezium.time.Timestamp" or "org.apache.kafka.connect.data.Timestamp" => ("timestamp", PgTypes.Timestamp, -1, static v => TimeText.Timestamp(checked(Whole(v) * 1000))),
        "io.debezium.time.MicroTimestamp" => ("timestamp", PgTypes.Timestamp, -1, static v => TimeText.Timestamp(Whole(v))),
        "io.debezium.time.NanoTimestamp" => ("timestamp", PgTypes.Timestamp, -1, static v => TimeText.Timestamp(TimeText.MicrosOf(Whole(v)))),
        "io.debezium.time.IsoTimestamp" => ("timestamp", PgTypes.Timestamp, -1, static v => Text(v).TrimEnd('Z').Replace('T', ' ')),
        "io.debezium.time.ZonedTimestamp" => ("timestamptz", PgTypes.Timestamptz, -1, static v => TimeText.Zoned(Text(v))),
        "io.debezium.time.MicroDuration" => ("interval", PgTypes.Interval, -1, static v => string.Create(CultureInfo.InvariantCulture, $"{Whole(v)} microseconds")),
        "io.debezium.time.NanoDuration" => ("interval", PgTypes.Interval, -1, static v => string.Create(CultureInfo.InvariantCulture, $"{TimeText.MicrosOf(Whole(v))} microseconds")),
        "io.debezium.time.Interval" => ("interval", PgTypes.Interval, -1, Text),
        "io.debezium.data.Uuid" => ("uuid", PgTypes.Uuid, -1, Text),
        "io.debezium.data.Json" => ("jsonb", PgTypes.Jsonb, -1, Text),
        "io.debezium.data.Xml" => ("xml", PgTypes.Xml, -1, Text),
        "io.debezium.data.Bits" => ("varbit", PgTypes.Varbit, -1, v => Bits(v, field)),
        "io.debezium.data.geometry.Point" => ("point", PgTypes.Point, -1, static v => $"({v.GetProperty("x").GetRawText()},{v.GetProperty("y").GetRawText()})"),
        "io.debezium.data.VariableScaleDecimal" => ("numeric", PgTypes.Numeric, -1, static v => Decimal(v.GetProperty("value"), v.GetProperty("scale").GetInt32())),
        "org.apache.kafka.connect.data.Decimal" => ("numeric", PgTypes.Numeric, DecimalModifier(field), v => Decimal(v, field.Number("scale") ?? 0)),
        _ => OfType(field),
    };

    private static (string Name, uint Oid, int Modifier, Func<JsonElement, string> Text) OfType(FieldSchema field) => field.Type switch
    {
        "int8" or "int16" => ("int2", PgTypes.Int2, -1, Number),
        "int32" => ("int4", PgTypes.Int4, -1, Number),
        "int64" => ("int8", PgTypes.Int8, -1, Number),
        "float" or "float32" => ("float4", PgTypes.Float4, -1, Number),
        "double" or "float64" => ("float8", PgTypes.Float8, -1, Number),
        "number" => ("numeric", PgTypes.Numeric, -1, Number),
        "boolean" => ("bool", PgTypes.Bool, -1, static v => v.ValueKind is JsonValueKind.True ? "t" : v.ValueKind is JsonValueKind.False ? "f" : throw Misfit(v, "true or false")),
        "bytes" => ("bytea", PgTypes.Bytea, -1, static v => "\\x" + Convert.ToHexStringLower(Bytes(v))),
        "array" when field.Items is { } items && Of(items) is { Type.Name: var element } form && !element.StartsWith('_') => ("_" + element, 0, -1, v => Array(v, form)),
        "array" or "map" or "struct" => ("jsonb", PgTypes.Jsonb, -1, static v => v.GetRawText()),
        "any" => ("text", PgTypes.Text, -1, Any),
        _ => ("text", PgTypes.Text, -1, Text),
    };

    private static string Any(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "t",
        JsonValueKind.False => "f",
        _ => value.GetRawText(),
    };

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Misfit(value, "a text");

    // Numbers that JSON has no place for stand as text.
    private static string Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind == JsonValueKind.String && value.GetString() is "NaN" or "Infinity" or "-Infinity" ? value.GetString()! : throw Misfit(value, "a number");

    private static long Whole(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Misfit(value, "a whole number");

    private static byte[] Bytes(JsonElement value) => value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) ? bytes : throw Misfit(value, "bytes in base64");

    // With decimal.format=NUMERIC a number, else the unscaled value, big-endian.
    private static string Decimal(JsonElement value, int scale) =>
        value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Scaled(new BigInteger(Bytes(value), isBigEndian: true), scale);

    internal static string Scaled(BigInteger unscaled, int scale)
    {
        if (scale <= 0) return (unscaled * BigInteger.Pow(10, -scale)).ToString(CultureInfo.InvariantCulture);
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{(unscaled.Sign < 0 ? "-" : "")}{digits[..^scale]}.{digits[^scale..]}";
    }

    private static int DecimalModifier(FieldSchema field) =>
        field.Number("connect.decimal.precision") is { } precision && field.Number("scale") is { } scale and >= 0 && scale <= precision ? ((precision << 16) | scale) + 4 : -1;

    // Little-endian, trimmed; the last bit is the lowest.
    private static string Bits(JsonElement value, FieldSchema field)
    {
        var bytes = Bytes(value);
        var length = field.Number("length") is { } set and < int.MaxValue ? set : bytes.Length * 8;
        var text = new StringBuilder(length);
        for (var bit = length - 1; bit >= 0; bit--) text.Append(bit / 8 < bytes.Length && (bytes[bit / 8] >> (bit % 8) & 1) == 1 ? '1' : '0');
        return text.ToString();
    }

    private static string Array(JsonElement value, FieldForm items)
    {
        if (value.ValueKind != JsonValueKind.Array) throw Misfit(value, "an array");
        var text = new StringBuilder("{");
        foreach (var item in value.EnumerateArray())
        {
            if (text.Length > 1) text.Append(',');
            if (item.ValueKind == JsonValueKind.Null) text.Append("NULL");
            else text.Append('"').Append(items.TextOf(item).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static FormatException Misfit(JsonElement value, string expected) => new($"it holds {(value.GetRawText() is { Length: > 40 } text ? text[..40] + "…" : value.GetRawText())}, where {expected} is expected");
}
