using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads dates and times as Postgres prints them under DateStyle ISO.</summary>
internal static class PgTime
{
    /// <summary>Microseconds of a day.</summary>
    public const long MicrosPerDay = 86_400_000_000;

    /// <summary>A date and what followed it in the text.</summary>
    /// <param name="Year">Astronomical: 0 is 1 BC.</param>
    /// <param name="Month">1 to 12.</param>
    /// <param name="Day">1 to 31.</param>
    public readonly record struct Date(int Year, int Month, int Day)
    {
        /// <summary>Days since 1970-01-01 in the Gregorian calendar, extended to all times.</summary>
        public long EpochDay
        {
            get
            {
                // Years begin in March here, so that the leap day is the last one; 400 years have 146 097 days.
                long year = Month <= 2 ? Year - 1 : Year;
                var era = (year >= 0 ? year : year - 399) / 400;
                var yearOfEra = year - (era * 400);
                var dayOfYear = ((153 * (Month + (Month > 2 ? -3 : 9))) + 2) / 5 + Day - 1;
                return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
            }
        }
    }

    /// <summary>Reads "2024-02-29" or "0044-03-15 BC".</summary>
    public static Date ReadDate(ReadOnlySpan<byte> text)
    {
        var rest = text;
        var date = TakeDate(ref rest);
        return EndsWithEra(text) ? date with { Year = 1 - date.Year } : date;
    }

    /// <summary>Reads "12:34:56.789" as microseconds of the day; 24:00:00 is 86400000000.</summary>
    public static long ReadTime(ReadOnlySpan<byte> text)
    {
        var rest = text;
        var micros = TakeTime(ref rest);
        return rest.IsEmpty ? micros : throw Unreadable(text);
    }

    /// <summary>Reads "12:34:56.789+05:30" as microseconds of the UTC day.</summary>
    public static long ReadZonedTime(ReadOnlySpan<byte> text)
    {
        var rest = text;
        var micros = TakeTime(ref rest) - (TakeOffset(ref rest) * 1_000_000L);
        if (!rest.IsEmpty) throw Unreadable(text);
        micros %= MicrosPerDay;
        return micros < 0 ? micros + MicrosPerDay : micros;
    }

    /// <summary>Reads "2024-02-29 12:34:56.789+02 BC" (zone and era may be missing): days since 1970-01-01 and microseconds of that UTC day.</summary>
    public static (long Day, long Micros) ReadTimestamp(ReadOnlySpan<byte> text)
    {
        var rest = text;
        var date = TakeDate(ref rest);
        if (EndsWithEra(text)) date = date with { Year = 1 - date.Year };
        var micros = 0L;
        if (!rest.IsEmpty && rest[0] == ' ' && rest.Length > 1 && rest[1] != 'B')
        {
            rest = rest[1..];
            micros = TakeTime(ref rest);
        }

        if (!rest.IsEmpty && rest[0] is (byte)'+' or (byte)'-') micros -= TakeOffset(ref rest) * 1_000_000L;
        var days = micros >= 0 ? micros / MicrosPerDay : ((micros + 1) / MicrosPerDay) - 1;
        return (date.EpochDay + days, micros - (days * MicrosPerDay));
    }

    /// <summary>The date of a number of days since 1970-01-01.</summary>
    public static Date FromEpochDay(long epochDay)
    {
        var shifted = epochDay + 719_468;
        var era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097;
        var dayOfEra = shifted - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shiftedMonth = ((5 * dayOfYear) + 2) / 153;
        var month = (int)(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9);
        return new Date((int)(yearOfEra + (era * 400) + (month <= 2 ? 1 : 0)), month, (int)(dayOfYear - (((153 * shiftedMonth) + 2) / 5) + 1));
    }

    /// <summary>Whether the text ends in " BC".</summary>
    public static bool EndsWithEra(ReadOnlySpan<byte> text) => text.EndsWith(" BC"u8);

    /// <summary>What to throw for a text that isn't what Postgres prints.</summary>
    public static BadDataException Unreadable(ReadOnlySpan<byte> text) =>
        new($"'{System.Text.Encoding.UTF8.GetString(text)}' is no date, time or interval in the form that Postgres prints under DateStyle ISO and IntervalStyle postgres; "
            + "the connection must be set to these.");

    private static Date TakeDate(ref ReadOnlySpan<byte> rest)
    {
        var whole = rest;
        var year = TakeNumber(ref rest);
        if (!Take(ref rest, '-')) throw Unreadable(whole);
        var month = TakeNumber(ref rest);
        if (!Take(ref rest, '-')) throw Unreadable(whole);
        return new Date((int)year, (int)month, (int)TakeNumber(ref rest));
    }

    private static long TakeTime(ref ReadOnlySpan<byte> rest)
    {
        var whole = rest;
        var hours = TakeNumber(ref rest);
        if (!Take(ref rest, ':')) throw Unreadable(whole);
        var minutes = TakeNumber(ref rest);
        var seconds = Take(ref rest, ':') ? TakeNumber(ref rest) : 0;
        var micros = Take(ref rest, '.') ? TakeFraction(ref rest) : 0;
        return (((((hours * 60) + minutes) * 60) + seconds) * 1_000_000) + micros;
    }

    /// <summary>Takes "+05:30:15" off and returns seconds east of Greenwich.</summary>
    private static long TakeOffset(ref ReadOnlySpan<byte> rest)
    {
        var negative = Take(ref rest, '-');
        if (!negative && !Take(ref rest, '+')) throw Unreadable(rest);
        var seconds = TakeNumber(ref rest) * 3600;
        if (Take(ref rest, ':')) seconds += TakeNumber(ref rest) * 60;
        if (Take(ref rest, ':')) seconds += TakeNumber(ref rest);
        return negative ? -seconds : seconds;
    }

    /// <summary>Takes the digits behind the decimal point off and returns microseconds.</summary>
    public static long TakeFraction(ref ReadOnlySpan<byte> rest)
    {
        long micros = 0, unit = 100_000;
        while (!rest.IsEmpty && (uint)(rest[0] - '0') <= 9)
        {
            micros += (rest[0] - '0') * unit;
            unit /= 10;
            rest = rest[1..];
        }

        return micros;
    }

    /// <summary>Takes a number without sign off.</summary>
    public static long TakeNumber(ref ReadOnlySpan<byte> rest)
    {
        var digits = 0;
        long value = 0;
        while (digits < rest.Length && (uint)(rest[digits] - '0') <= 9) value = (value * 10) + (rest[digits++] - '0');
        if (digits is 0 or > 18) throw Unreadable(rest);
        rest = rest[digits..];
        return value;
    }

    /// <summary>Takes <paramref name="expected"/> off if it comes next.</summary>
    public static bool Take(ref ReadOnlySpan<byte> rest, char expected)
    {
        if (rest.IsEmpty || rest[0] != expected) return false;
        rest = rest[1..];
        return true;
    }
}
