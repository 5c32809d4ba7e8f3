using System.Globalization;

namespace Pathway.Connectors.Debezium;

/// <summary>Dates and times of the Debezium form in the text of Postgres.</summary>
internal static class TimeText
{
    private const long MicrosPerSecond = 1_000_000, MicrosPerDay = 86_400 * MicrosPerSecond;

    /// <summary>Days since 1970-01-01; dates that no calendar of .NET holds by arithmetic.</summary>
    public static string Date(long days) => days switch
    {
        // What we and the connector (for streamed and for loaded rows) send for the infinities of a date.
        int.MaxValue or -2147472692 or -622191234 => "infinity",
        int.MinValue or -2147472691 or -625821272 => "-infinity",
        _ => CivilDate(days) is var (year, month, day) && year > 0 ? string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}-{day:00}") : string.Create(CultureInfo.InvariantCulture, $"{1 - year:0000}-{month:00}-{day:00} BC"),
    };

    /// <summary>Microseconds since midnight.</summary>
    public static string Time(long micros)
    {
        var seconds = Math.DivRem(micros, MicrosPerSecond, out var rest);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{Fraction(rest)}");
    }

    /// <summary>Microseconds since 1970-01-01, without zone.</summary>
    public static string Timestamp(long micros)
    {
        // What the connector sends for infinities, in microseconds and in milliseconds.
        if (micros == 9_223_372_036_825_200_000) return "infinity";
        if (micros == -9_223_372_036_832_400_000) return "-infinity";
        var days = Math.DivRem(micros, MicrosPerDay, out var rest);
        if (rest < 0) (days, rest) = (days - 1, rest + MicrosPerDay);
        var date = Date(days);
        return date.EndsWith(" BC", StringComparison.Ordinal) ? $"{date[..^3]} {Time(rest)} BC" : $"{date} {Time(rest)}";
    }

    /// <summary>An instant or a time of day with zone: <c>2024-02-29T10:34:56.789012Z</c>.</summary>
    public static string Zoned(string text) => text.EndsWith('Z') ? text[..^1].Replace('T', ' ') + "+00" : text.Replace('T', ' ');

    /// <summary>Nanoseconds as microseconds, which is all that Postgres keeps.</summary>
    public static long MicrosOf(long nanos) => (long)Math.Floor((decimal)nanos / 1000);

    private static string Fraction(long micros) => micros == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{micros:000000}").TrimEnd('0');

    // Howard Hinnant's algorithm: the Gregorian calendar in both directions, as Postgres has it.
    private static (long Year, long Month, long Day) CivilDate(long days)
    {
        days += 719_468;
        var era = (days >= 0 ? days : days - 146_096) / 146_097;
        var dayOfEra = days - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        var month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        return ((yearOfEra + (era * 400)) + (month <= 2 ? 1 : 0), month, dayOfYear - (((153 * monthFromMarch) + 2) / 5) + 1);
    }
}
