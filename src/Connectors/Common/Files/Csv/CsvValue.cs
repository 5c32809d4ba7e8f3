using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Unicode;

namespace Pathway.Connectors;

/// <summary>Reads values of one type from a text: numbers with a point, dates and times as ISO 8601 has them, enums by name; never by guess.</summary>
internal static class CsvValue<T>
{
    private static readonly TryParse? Parse = CsvValue.ParserOf(typeof(T)) is { } method ? method.CreateDelegate<TryParse>() : null;

    private delegate bool TryParse(ReadOnlySpan<byte> text, bool quoted, out T value);

    /// <summary>Whether there is a way to read it.</summary>
    public static bool IsReadable => Parse is not null;

    /// <summary>What it is called in messages.</summary>
    public static string Name => (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)).Name;

    /// <summary>Reads it; false if the text is no such value.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, bool quoted, out T value) => Parse!(text, quoted, out value);
}

/// <summary>The ways to read values.</summary>
internal static class CsvValue
{
    private const int LongestText = 128;
    private static readonly string[] DateTimeForms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mmK"];

    /// <summary>The method that reads a type; null for none.</summary>
    public static MethodInfo? ParserOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return ParserOf(underlying) is null ? null : Method(nameof(Optional), underlying);
        if (type == typeof(string)) return Method(nameof(Text));
        if (type == typeof(bool)) return Method(nameof(Boolean));
        if (type == typeof(DateTime)) return Method(nameof(Date));
        if (type == typeof(DateTimeOffset)) return Method(nameof(Moment));
        if (type == typeof(DateOnly)) return Method(nameof(Day));
        if (type == typeof(TimeOnly)) return Method(nameof(TimeOfDay));
        if (type == typeof(TimeSpan)) return Method(nameof(Duration));
        if (type == typeof(Guid)) return Method(nameof(Identifier));
        if (type.IsEnum) return Method(nameof(Enumerated), type);
        return type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(System.Numerics.INumber<>)) ? Method(nameof(Number), type) : null;
    }

    private static MethodInfo Method(string name, params Type[] types)
    {
        var method = typeof(CsvValue).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
        return types.Length == 0 ? method : method.MakeGenericMethod(types);
    }

    private static bool Optional<T>(ReadOnlySpan<byte> text, bool quoted, out T? value)
        where T : struct
    {
        value = null;
        if (text.IsEmpty && !quoted) return true;
        if (!CsvValue<T>.TryRead(text, quoted, out var found)) return false;
        value = found;
        return true;
    }

    private static bool Text(ReadOnlySpan<byte> text, bool quoted, out string value)
    {
        var valid = Utf8.IsValid(text);
        value = valid ? Encoding.UTF8.GetString(text) : "";
        return valid;
    }

    // Separators of thousands and a comma before the fraction look alike, so neither is taken.
    private static bool Number<T>(ReadOnlySpan<byte> text, bool quoted, out T value)
        where T : System.Numerics.INumber<T>
    {
        value = default!;
        const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        var styles = T.CreateChecked(1) / T.CreateChecked(2) == T.Zero ? Whole : Whole | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return T.TryParse(text, styles, CultureInfo.InvariantCulture, out value!);
    }

    private static bool Boolean(ReadOnlySpan<byte> text, bool quoted, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(text, "true"u8) || text.SequenceEqual("1"u8);
        return value || Ascii.EqualsIgnoreCase(text, "false"u8) || text.SequenceEqual("0"u8);
    }

    private static bool Date(ReadOnlySpan<byte> text, bool quoted, out DateTime value) =>
        DateTime.TryParseExact(Characters(text, stackalloc char[LongestText]), DateTimeForms, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out value);

    private static bool Moment(ReadOnlySpan<byte> text, bool quoted, out DateTimeOffset value) =>
        DateTimeOffset.TryParseExact(Characters(text, stackalloc char[LongestText]), DateTimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);

    private static bool Day(ReadOnlySpan<byte> text, bool quoted, out DateOnly value) =>
        DateOnly.TryParseExact(Characters(text, stackalloc char[LongestText]), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    private static bool TimeOfDay(ReadOnlySpan<byte> text, bool quoted, out TimeOnly value) =>
        TimeOnly.TryParseExact(Characters(text, stackalloc char[LongestText]), ["HH:mm", "HH:mm:ss.FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    private static bool Duration(ReadOnlySpan<byte> text, bool quoted, out TimeSpan value) =>
        TimeSpan.TryParseExact(Characters(text, stackalloc char[LongestText]), "c", CultureInfo.InvariantCulture, out value);

    private static bool Identifier(ReadOnlySpan<byte> text, bool quoted, out Guid value) => Guid.TryParse(Characters(text, stackalloc char[LongestText]), out value);

    private static bool Enumerated<T>(ReadOnlySpan<byte> text, bool quoted, out T value)
        where T : struct, Enum
    {
        value = default;
        return !text.IsEmpty && !char.IsAsciiDigit((char)text[0]) && text[0] != (byte)'-' && Enum.TryParse(Characters(text, stackalloc char[LongestText]), ignoreCase: true, out value);
    }

    private static ReadOnlySpan<char> Characters(ReadOnlySpan<byte> text, Span<char> into) =>
        text.Length <= into.Length && Utf8.IsValid(text) ? into[..Encoding.UTF8.GetChars(text, into)] : default;
}
