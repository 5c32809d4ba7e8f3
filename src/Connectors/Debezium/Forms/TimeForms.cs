using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>Date as days since 1970-01-01. Infinity is the largest or smallest number there is, which no date of Postgres reaches.</summary>
internal sealed class DateForm(DateForm.Quirks quirks) : ColumnForm(ConnectSchema.Named(ConnectType.Int32, "io.debezium.time.Date"))
{
    /// <summary>Whose errors to repeat.</summary>
    public enum Quirks
    {
        /// <summary>Nobody's.</summary>
        None,

        /// <summary>Debezium's in streamed rows: infinity is a date in the year -5877611.</summary>
        Streamed,

        /// <summary>Debezium's in loaded rows: infinity, years BC and the days that the calendar reform left out go through java.sql.Date.</summary>
        Loaded,
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output) => output.Number(Days(text));

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("0"u8);

    private long Days(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("infinity"u8)) return quirks switch { Quirks.Streamed => -2_147_472_692, Quirks.Loaded => -622_191_234, _ => int.MaxValue };
        if (text.SequenceEqual("-infinity"u8)) return quirks switch { Quirks.Streamed => -2_147_472_691, Quirks.Loaded => -625_821_272, _ => int.MinValue };
        var date = PgTime.ReadDate(text);
        if (quirks == Quirks.Loaded)
        {
            if (date.Year <= 0) date = date with { Year = 1 - date.Year };                       // the era is lost
            if (date is { Year: 1582, Month: 10, Day: > 4 and < 15 }) date = date with { Day = date.Day + 10 };
        }

        return date.EpochDay;
    }
}

/// <summary>Time of day in microseconds, or milliseconds for a precision up to 3.</summary>
/// <param name="millis">Whether the unit is the millisecond.</param>
/// <param name="dropsMicros">Whether only whole milliseconds count, as in Debezium's arrays, which go through java.sql.Time.</param>
internal sealed class TimeForm(bool millis, bool dropsMicros = false)
    : ColumnForm(millis ? ConnectSchema.Named(ConnectType.Int32, "io.debezium.time.Time") : ConnectSchema.Named(ConnectType.Int64, "io.debezium.time.MicroTime"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var micros = PgTime.ReadTime(text);
        if (dropsMicros) micros -= micros % 1000;
        output.Number(millis ? micros / 1000 : micros);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("0"u8);
}

/// <summary>Time of day with zone, as UTC: 10:34:56.789Z.</summary>
internal sealed class ZonedTimeForm() : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.ZonedTime"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var room = output.Room(32);
        var length = 0;
        room[length++] = (byte)'"';
        length += IsoTime.WriteClock(PgTime.ReadZonedTime(text), IsoTime.Shortest, room[length..]);
        room[length++] = (byte)'Z';
        room[length++] = (byte)'"';
        output.Advance(length);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"00:00:00Z\""u8);
}

/// <summary>Timestamp without zone, taken as UTC, in microseconds since 1970, or milliseconds for a precision up to 3.</summary>
internal sealed class TimestampForm(bool millis, bool exact, Action<string, string> lost)
    : ColumnForm(ConnectSchema.Named(ConnectType.Int64, millis ? "io.debezium.time.Timestamp" : "io.debezium.time.MicroTimestamp"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (text.EndsWith("infinity"u8))
        {
            var infinity = text[0] == '-' ? -9_223_372_036_832_400_000 : 9_223_372_036_825_200_000;
            output.Number(millis ? infinity / 1000 : infinity);
            return;
        }

        var (day, micros) = PgTime.ReadTimestamp(text);
        output.Number(millis ? (day * 86_400_000) + (micros / 1000) : Micros(day, micros, text));
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("0"u8);

    private long Micros(long day, long micros, ReadOnlySpan<byte> text)
    {
        var total = ((Int128)day * PgTime.MicrosPerDay) + micros;
        if (total <= long.MaxValue) return (long)total;           // the smallest timestamp, 4713 BC, fits
        var written = exact
            ? unchecked(long.MaxValue + (micros % 1_000_000))     // Java saturates the seconds, then adds the fraction
            : long.MaxValue;
        lost(Encoding.UTF8.GetString(text), written.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return written;
    }
}

/// <summary>Timestamp with zone, as UTC with as many digits as the column has: 2024-02-29T10:34:56.789000Z.</summary>
internal sealed class ZonedTimestampForm(int digits) : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.ZonedTimestamp"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (text.EndsWith("infinity"u8))
        {
            output.Text(text);
            return;
        }

        var room = output.Room(48);
        room[0] = (byte)'"';
        var length = 1 + (IsPlain(text) ? CopyPlain(text, room[1..]) : Rewrite(text, room[1..]));
        room[length++] = (byte)'Z';
        room[length++] = (byte)'"';
        output.Advance(length);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"1970-01-01T00:00:00Z\""u8);

    /// <summary>Whether it is UTC with a year of four digits, as nearly all values are: then the parts are copied.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> text) => text.Length >= 22 && text[4] == '-' && text[10] == ' ' && text[^3..].SequenceEqual("+00"u8);

    private int CopyPlain(ReadOnlySpan<byte> text, Span<byte> room)
    {
        text[..19].CopyTo(room);
        room[10] = (byte)'T';
        if (digits == 0) return 19;
        var fraction = text.Length > 23 ? text[20..^3] : default;
        room[19] = (byte)'.';
        room.Slice(20, digits).Fill((byte)'0');
        fraction[..Math.Min(fraction.Length, digits)].CopyTo(room[20..]);
        return 20 + digits;
    }

    private int Rewrite(ReadOnlySpan<byte> text, Span<byte> room)
    {
        var (day, micros) = PgTime.ReadTimestamp(text);
        var length = IsoTime.WriteDate(PgTime.FromEpochDay(day), room);
        room[length++] = (byte)'T';
        return length + IsoTime.WriteClock(micros, digits, room[length..]);
    }
}

/// <summary>Interval in microseconds, with months of 30.4375 days.</summary>
internal sealed class IntervalForm(bool exact, Action<string, string> lost) : ColumnForm(ConnectSchema.Named(ConnectType.Int64, "io.debezium.time.MicroDuration"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var interval = PgInterval.Read(text);
        var fits = interval.TryGetMicros(out var micros);
        if (exact) micros = interval.MicrosInDoublePrecision;
        if (!fits) lost(Encoding.UTF8.GetString(text), micros.ToString(System.Globalization.CultureInfo.InvariantCulture));
        output.Number(micros);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("0"u8);
}
