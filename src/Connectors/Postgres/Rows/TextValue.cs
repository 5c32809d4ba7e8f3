using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Pathway.Connectors.Postgres;

/// <summary>Values of C# types from the text that Postgres prints (DateStyle ISO, IntervalStyle postgres, UTC).</summary>
internal static class TextValue
{
    /// <summary>Whether a member of this type can be read.</summary>
    public static bool CanRead(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum || type == typeof(string) || type == typeof(bool) || type == typeof(short) || type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(decimal)
            || type == typeof(float) || type == typeof(double) || type == typeof(Guid) || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly) || type == typeof(TimeOnly)
            || type == typeof(TimeSpan);
    }

    /// <summary>Whether a member of this type can hold values of <paramref name="column"/>, as far as types say; text holds all.</summary>
    public static bool CanHold(Type type, PgType column)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        column = column.DomainBase ?? column;
        if (type == typeof(string)) return true;
        if (type.IsEnum) return column.Kind == 'e' || column.Name is "text" or "varchar" or "bpchar" or "name";
        if (type == typeof(bool)) return column.Name == "bool";
        if (type == typeof(Guid)) return column.Name == "uuid";
        if (type == typeof(short)) return column.Name == "int2";
        if (type == typeof(int)) return column.Name is "int2" or "int4";
        if (type == typeof(uint)) return column.Name is "oid" or "xid" or "int2" or "int4" or "int8";
        if (type == typeof(long)) return column.Name is "int2" or "int4" or "int8" or "oid";
        if (type == typeof(decimal) || type == typeof(double) || type == typeof(float)) return column.Name is "int2" or "int4" or "int8" or "numeric" or "float4" or "float8";
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset)) return column.Name is "timestamp" or "timestamptz" or "date";
        if (type == typeof(DateOnly)) return column.Name == "date";
        if (type == typeof(TimeOnly)) return column.Name == "time";
        return type != typeof(TimeSpan) || column.Name == "interval";
    }

    /// <summary>The value of column <paramref name="column"/>, or the default where it is NULL.</summary>
    public static T? ReadOrDefault<T>(TupleReader reader, int column) => reader.KindOf(column) == TupleData.ValueKind.Null ? default : Read<T>(reader, column);

    /// <summary>As <see cref="ReadOrDefault{T}"/>, for nullable value types.</summary>
    public static T? ReadOrNull<T>(TupleReader reader, int column)
        where T : struct => reader.KindOf(column) == TupleData.ValueKind.Null ? null : Read<T>(reader, column);

    /// <summary>The value of column <paramref name="column"/>, which may not be NULL.</summary>
    /// <exception cref="FormatException">It is NULL, or its text doesn't fit the type.</exception>
    public static T Read<T>(TupleReader reader, int column)
    {
        var text = reader.Text(column);
        if (reader.KindOf(column) == TupleData.ValueKind.Null) throw new FormatException("it is NULL, and the member can't be null");
        if (typeof(T) == typeof(string)) return (T)(object)Encoding.UTF8.GetString(text);
        if (typeof(T) == typeof(int)) return (T)(object)Number<int>(text);
        if (typeof(T) == typeof(long)) return (T)(object)Number<long>(text);
        if (typeof(T) == typeof(short)) return (T)(object)Number<short>(text);
        if (typeof(T) == typeof(uint)) return (T)(object)Number<uint>(text);
        if (typeof(T) == typeof(decimal)) return (T)(object)Number<decimal>(text);
        if (typeof(T) == typeof(double)) return (T)(object)Floating(text);
        if (typeof(T) == typeof(float)) return (T)(object)(float)Floating(text);
        if (typeof(T) == typeof(bool)) return (T)(object)Bool(text);
        if (typeof(T) == typeof(Guid)) return (T)(object)(Utf8Parser.TryParse(text, out Guid guid, out _, 'D') ? guid : throw Misfit<T>(text));
        return (T)Rare(typeof(T), Encoding.UTF8.GetString(text));
    }

    private static T Number<T>(ReadOnlySpan<byte> text)
        where T : IUtf8SpanParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : throw Misfit<T>(text);

    private static double Floating(ReadOnlySpan<byte> text) => text switch
    {
        _ when text.SequenceEqual("Infinity"u8) => double.PositiveInfinity,
        _ when text.SequenceEqual("-Infinity"u8) => double.NegativeInfinity,
        _ => Number<double>(text),
    };

    private static bool Bool(ReadOnlySpan<byte> text) => text switch { [(byte)'t'] => true, [(byte)'f'] => false, _ => throw Misfit<bool>(text) };

    private static object Rare(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(DateTime)) return text.EndsWith("+00", StringComparison.Ordinal) ? Instant(text).UtcDateTime : DateTime.Parse(text, culture, DateTimeStyles.None);
        if (type == typeof(DateTimeOffset)) return Instant(text);
        if (type == typeof(DateOnly)) return DateOnly.ParseExact(text, "yyyy-MM-dd", culture);
        if (type == typeof(TimeOnly)) return TimeOnly.Parse(text, culture);
        if (type == typeof(TimeSpan)) return Interval(text);
        if (type.IsEnum) return Label(type, text);
        throw new FormatException($"type {type.Name} can't be read");
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    // "3 days 04:05:06.789"; months and years have no fixed length.
    private static TimeSpan Interval(string text)
    {
        var sum = TimeSpan.Zero;
        var parts = text.Split(' ');
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Contains(':', StringComparison.Ordinal)) sum += parts[i][0] == '-' ? -Clock(parts[i][1..]) : Clock(parts[i]);
            else if (i + 1 < parts.Length && parts[i + 1].StartsWith("day", StringComparison.Ordinal)) sum += TimeSpan.FromDays(int.Parse(parts[i++], CultureInfo.InvariantCulture));
            else throw new FormatException($"'{text}' has months or years, which a TimeSpan can't hold");
        }

        return sum;
    }

    private static TimeSpan Clock(string text)
    {
        var parts = text.Split(':');
        return new TimeSpan(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), 0)
            + TimeSpan.FromTicks((long)(decimal.Parse(parts[2], CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond));
    }

    private static object Label(Type type, string text) =>
        Enum.TryParse(type, text.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), ignoreCase: true, out var value) && Enum.IsDefined(type, value)
            ? value
            : throw new FormatException($"'{text}' is none of {string.Join(", ", Enum.GetNames(type))}");

    private static FormatException Misfit<T>(ReadOnlySpan<byte> text) => new($"'{Encoding.UTF8.GetString(text)}' is no {typeof(T).Name} or too large for it");
}
