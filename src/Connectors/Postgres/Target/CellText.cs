using System.Globalization;
using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Values of C# types as the text that Postgres reads, and the types of columns for them.</summary>
internal static class CellText
{
    /// <summary>Longest text of a number, a date or a Guid.</summary>
    private const int ShortMax = 64;

    private static readonly Dictionary<Type, string> Types = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "int2", [typeof(sbyte)] = "int2", [typeof(short)] = "int2", [typeof(ushort)] = "int4", [typeof(int)] = "int4", [typeof(uint)] = "int8", [typeof(long)] = "int8",
        [typeof(ulong)] = "numeric", [typeof(float)] = "float4", [typeof(double)] = "float8", [typeof(decimal)] = "numeric", [typeof(string)] = "text", [typeof(char)] = "text", [typeof(Guid)] = "uuid",
        [typeof(DateTime)] = "timestamp", [typeof(DateTimeOffset)] = "timestamptz", [typeof(DateOnly)] = "date", [typeof(TimeOnly)] = "time", [typeof(TimeSpan)] = "interval", [typeof(ValueList<byte>)] = "bytea",
    };

    /// <summary>The type of a column that takes every value of <paramref name="type"/>: of lists of simple values an array, of rows within rows jsonb.</summary>
    public static string TypeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Types.TryGetValue(type, out var name)) return name;
        if (type.IsEnum) return "text";
        return ElementOf(type) is { } element && TypeOf(element) is var inner and not ("jsonb" or "bytea") && !inner.StartsWith('_') ? "_" + inner : "jsonb";
    }

    /// <summary>Whether a value of the type is written as one value, rather than member by member.</summary>
    public static bool IsSimple(Type type) => TypeOf(type) != "jsonb" || ElementOf(type) is not null;

    /// <summary>Writes a value.</summary>
    public static void Write<T>(TupleWriter writer, T value)
    {
        if (value is null) writer.Null();
        else if (typeof(T) == typeof(int)) Short(writer, (int)(object)value);
        else if (typeof(T) == typeof(long)) Short(writer, (long)(object)value);
        else if (typeof(T) == typeof(decimal)) Short(writer, (decimal)(object)value);
        else if (typeof(T) == typeof(bool)) Text(writer, (bool)(object)value ? "t"u8 : "f"u8);
        else if (value is string text) Text(writer, text);
        else WriteRare(writer, value);
    }

    private static void WriteRare(TupleWriter writer, object value)
    {
        switch (value)
        {
            case DateTime time: Short(writer, time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time, "yyyy-MM-dd HH:mm:ss.ffffff"); break;
            case DateTimeOffset time: Short(writer, time.UtcDateTime, "yyyy-MM-dd HH:mm:ss.ffffff+00"); break;
            case DateOnly date: Short(writer, date, "yyyy-MM-dd"); break;
            case TimeOnly time: Short(writer, time, "HH:mm:ss.ffffff"); break;
            case TimeSpan span: Text(writer, Interval(span)); break;
            case double number: Text(writer, Floating(number, number.ToString("R", CultureInfo.InvariantCulture))); break;
            case float number: Text(writer, Floating(number, number.ToString("R", CultureInfo.InvariantCulture))); break;
            case bool flag: Text(writer, flag ? "t"u8 : "f"u8); break;
            case char letter: Text(writer, letter.ToString()); break;
            case Enum label: Text(writer, label.ToString()); break;
            case ValueList<byte> bytes: Text(writer, "\\x" + Convert.ToHexStringLower(bytes.Span)); break;
            case IUtf8SpanFormattable other and (Guid or byte or sbyte or short or ushort or int or uint or long or ulong or decimal): Short(writer, other); break;
            default: Text(writer, TypeOf(value.GetType()) == "jsonb" ? JsonSerializer.Serialize(value, value.GetType(), RowJson.Options) : Array((System.Collections.IEnumerable)value)); break;
        }
    }

    private static void Short<T>(TupleWriter writer, T value, string? format = null)
        where T : IUtf8SpanFormattable
    {
        var fits = value.TryFormat(writer.BeginText(ShortMax), out var length, format, CultureInfo.InvariantCulture);
        Check.That(fits);
        writer.EndText(ShortMax, length);
    }

    private static void Text(TupleWriter writer, ReadOnlySpan<byte> text) => text.CopyTo(writer.BeginText(text.Length));

    private static void Text(TupleWriter writer, string text) => Encoding.UTF8.GetBytes(text, writer.BeginText(Encoding.UTF8.GetByteCount(text)));

    private static string Floating(double number, string text) => double.IsPositiveInfinity(number) ? "Infinity" : double.IsNegativeInfinity(number) ? "-Infinity" : text;

    // Hours may exceed a day: an interval of days would be another one where clocks change.
    private static string Interval(TimeSpan span)
    {
        var ticks = span.Ticks;
        var seconds = Math.Abs(ticks / TimeSpan.TicksPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"{(ticks < 0 ? "-" : "")}{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}.{Math.Abs(ticks % TimeSpan.TicksPerSecond) / 10:000000}");
    }

    // {"a","b\"c",NULL}
    private static string Array(System.Collections.IEnumerable items)
    {
        using var writer = new TupleWriter();
        var text = new StringBuilder("{");
        foreach (var item in items)
        {
            if (text.Length > 1) text.Append(',');
            if (item is null)
            {
                text.Append("NULL");
                continue;
            }

            writer.CutTo(0);
            writer.Begin();
            Write(writer, item);
            var value = new TupleData.Enumerator(writer.Written.Span);
            value.MoveNext();
            text.Append('"').Append(Encoding.UTF8.GetString(value.Current.Bytes).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static Type? ElementOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>) ? type.GetGenericArguments()[0] : null;
}
