namespace Pathway.Connectors.Debezium;

/// <summary>Date as days since 1970-01-01. Infinity is the largest or smallest number there is, which no date of Postgres reaches.</summary>
internal sealed class DateForm(DateQuirks quirks, bool connect) : ColumnForm(ConnectSchema.Named(ConnectType.Int32, connect ? "org.apache.kafka.connect.data.Date" : "io.debezium.time.Date"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (connect && output.Wire == Wire.Header) JavaDate.Write(quirks.Days(text) * 86_400_000, ref output);
        else output.Number(quirks.Days(text));
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Number(0);
}

/// <summary>Date as text: 2024-02-29Z.</summary>
internal sealed class IsoDateForm(DateQuirks quirks) : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.IsoDate"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (quirks == DateQuirks.None && text.EndsWith("infinity"u8))
        {
            output.Ascii(text);
            return;
        }

        Span<byte> iso = stackalloc byte[24];
        var length = IsoTime.WriteDate(PgTime.FromEpochDay(quirks.Days(text)), iso);
        iso[length++] = (byte)'Z';
        output.Ascii(iso[..length]);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("1970-01-01Z"u8);
}

/// <summary>Whose errors with dates to repeat.</summary>
internal enum DateQuirks
{
    /// <summary>Nobody's.</summary>
    None,

    /// <summary>Debezium's in streamed rows: infinity is a date in the year -5877611.</summary>
    Streamed,

    /// <summary>Debezium's in loaded rows: infinity, years BC and the days that the calendar reform left out go through java.sql.Date.</summary>
    Loaded,
}

/// <summary>Reads dates with Debezium's errors or without.</summary>
internal static class DateReading
{
    /// <summary>Days since 1970-01-01.</summary>
    public static long Days(this DateQuirks quirks, ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("infinity"u8)) return quirks switch { DateQuirks.Streamed => -2_147_472_692, DateQuirks.Loaded => -622_191_234, _ => int.MaxValue };
        if (text.SequenceEqual("-infinity"u8)) return quirks switch { DateQuirks.Streamed => -2_147_472_691, DateQuirks.Loaded => -625_821_272, _ => int.MinValue };
        var date = PgTime.ReadDate(text);
        if (quirks == DateQuirks.Loaded)
        {
            if (date.Year <= 0) date = date with { Year = 1 - date.Year };                       // the era is lost
            if (date is { Year: 1582, Month: 10, Day: > 4 and < 15 }) date = date with { Day = date.Day + 10 };
        }

        return date.EpochDay;
    }
}
