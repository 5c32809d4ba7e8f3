using System.Buffers.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes dates and times in the ISO form of java.time.</summary>
internal static class IsoTime
{
    /// <summary>As many digits behind the seconds as the value needs.</summary>
    public const int Shortest = -1;

    /// <summary>Writes 2024-02-29, +10000-01-01 or -0043-03-15 and returns the length.</summary>
    public static int WriteDate(PgTime.Date date, Span<byte> room)
    {
        var length = 0;
        if (date.Year is < 0 or > 9999) room[length++] = (byte)(date.Year < 0 ? '-' : '+');
        var year = Math.Abs(date.Year);
        if (year < 10_000)
        {
            TwoDigits(year / 100, room[length..]);
            TwoDigits(year % 100, room[(length + 2)..]);
            length += 4;
        }
        else
        {
            Utf8Formatter.TryFormat(year, room[length..], out var written);
            length += written;
        }

        room[length] = (byte)'-';
        TwoDigits(date.Month, room[(length + 1)..]);
        room[length + 3] = (byte)'-';
        TwoDigits(date.Day, room[(length + 4)..]);
        return length + 6;
    }

    /// <summary>Writes 12:34:56 with <paramref name="digits"/> digits behind the seconds and returns the length.</summary>
    public static int WriteClock(long micros, int digits, Span<byte> room)
    {
        var seconds = (int)(micros / 1_000_000);
        TwoDigits(seconds / 3600, room);
        room[2] = (byte)':';
        TwoDigits(seconds / 60 % 60, room[3..]);
        room[5] = (byte)':';
        TwoDigits(seconds % 60, room[6..]);
        var fraction = (int)(micros % 1_000_000);
        if (digits == Shortest) digits = DigitsOf(fraction);
        if (digits == 0) return 8;
        room[8] = (byte)'.';
        for (var i = 0; i < digits; i++)
        {
            room[9 + i] = (byte)('0' + (fraction / 100_000));
            fraction = fraction % 100_000 * 10;
        }

        return 9 + digits;
    }

    /// <summary>Writes 12:34:56.789Z with as many digits as needed.</summary>
    public static void WriteZonedClock(long micros, ref RecordOutput output)
    {
        Span<byte> iso = stackalloc byte[24];
        var length = WriteClock(micros % PgTime.MicrosPerDay, Shortest, iso);
        iso[length++] = (byte)'Z';
        output.Ascii(iso[..length]);
    }

    /// <summary>Writes 2024-02-29T12:34:56.789Z.</summary>
    public static void WriteTimestamp(long day, long micros, int digits, ref RecordOutput output)
    {
        Span<byte> iso = stackalloc byte[48];
        var length = WriteDate(PgTime.FromEpochDay(day), iso);
        iso[length++] = (byte)'T';
        length += WriteClock(micros, digits, iso[length..]);
        iso[length++] = (byte)'Z';
        output.Ascii(iso[..length]);
    }

    private static int DigitsOf(int micros)
    {
        if (micros == 0) return 0;
        var digits = 6;
        for (; micros % 10 == 0; micros /= 10) digits--;
        return digits;
    }

    private static void TwoDigits(int value, Span<byte> room)
    {
        room[0] = (byte)('0' + (value / 10));
        room[1] = (byte)('0' + (value % 10));
    }
}
