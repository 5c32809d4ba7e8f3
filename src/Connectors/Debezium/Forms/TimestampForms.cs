using System.Globalization;

namespace Pathway.Connectors.Debezium;

/// <summary>Timestamp without zone, taken as UTC, as a number since 1970.</summary>
internal sealed class TimestampForm(TimeUnit unit, bool exact, LossReport loss) : ColumnForm(SchemaOf(unit))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var (day, micros) = ReadTimestamp(text);
        if (unit == TimeUnit.ConnectMillis && output.Wire == Wire.Header) JavaDate.Write((day * 86_400_000) + (micros / 1000), ref output);
        else output.Number(unit switch
        {
            TimeUnit.Micros => Micros(day, micros, text),
            TimeUnit.Nanos => Nanos(day, micros, text),
            _ => (day * 86_400_000) + (micros / 1000),
        });
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Number(0);

    /// <summary>Days since 1970 and microseconds of the day; infinity is far outside of what Postgres has otherwise, at the numbers that Debezium took for it.</summary>
    public static (long Day, long Micros) ReadTimestamp(ReadOnlySpan<byte> text)
    {
        if (!text.EndsWith("infinity"u8)) return PgTime.ReadTimestamp(text);
        var micros = text[0] == '-' ? -9_223_372_036_832_400_000 : 9_223_372_036_825_200_000;
        var day = Math.DivRem(micros, PgTime.MicrosPerDay, out var rest);
        return rest < 0 ? (day - 1, rest + PgTime.MicrosPerDay) : (day, rest);
    }

    private long Micros(long day, long micros, ReadOnlySpan<byte> text)
    {
        var total = ((Int128)day * PgTime.MicrosPerDay) + micros;
        if (total <= long.MaxValue) return (long)total;           // the smallest timestamp, 4713 BC, fits
        return Report(text, exact
            ? unchecked(long.MaxValue + (micros % 1_000_000))     // Java saturates the seconds, then adds the fraction
            : long.MaxValue);
    }

    private long Nanos(long day, long micros, ReadOnlySpan<byte> text)
    {
        var total = (((Int128)day * PgTime.MicrosPerDay) + micros) * 1000;
        if (total >= long.MinValue && total <= long.MaxValue) return (long)total;
        var limit = day < 0 ? long.MinValue : long.MaxValue;
        return Report(text, exact ? unchecked(limit + (micros * 1000)) : limit);                  // as above, with days
    }

    private long Report(ReadOnlySpan<byte> text, long written)
    {
        loss.Changed(text, written.ToString(CultureInfo.InvariantCulture));
        return written;
    }

    private static ConnectSchema SchemaOf(TimeUnit unit) => ConnectSchema.Named(ConnectType.Int64, unit switch
    {
        TimeUnit.Millis => "io.debezium.time.Timestamp",
        TimeUnit.ConnectMillis => "org.apache.kafka.connect.data.Timestamp",
        TimeUnit.Micros => "io.debezium.time.MicroTimestamp",
        _ => "io.debezium.time.NanoTimestamp",
    });
}

/// <summary>Timestamp without zone as text: 2024-02-29T12:34:56.789Z.</summary>
internal sealed class IsoTimestampForm(bool exact) : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.IsoTimestamp"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (!exact && text.EndsWith("infinity"u8))
        {
            output.Ascii(text);
            return;
        }

        var (day, micros) = TimestampForm.ReadTimestamp(text);
        IsoTime.WriteTimestamp(day, micros, IsoTime.Shortest, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("1970-01-01T00:00:00Z"u8);
}

/// <summary>Timestamp with zone, as UTC with as many digits as the column has: 2024-02-29T10:34:56.789000Z.</summary>
internal sealed class ZonedTimestampForm(int digits) : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.ZonedTimestamp"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (text.EndsWith("infinity"u8))
        {
            output.Ascii(text);
        }
        else if (IsPlain(text))
        {
            Span<byte> iso = stackalloc byte[32];
            output.Ascii(iso[..CopyPlain(text, iso)]);
        }
        else
        {
            var (day, micros) = PgTime.ReadTimestamp(text);
            IsoTime.WriteTimestamp(day, micros, digits, ref output);
        }
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("1970-01-01T00:00:00Z"u8);

    /// <summary>Whether it is UTC with a year of four digits, as nearly all values are: then the parts are copied.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> text) => text.Length is >= 22 and < 30 && text[4] == '-' && text[10] == ' ' && text[^3..].SequenceEqual("+00"u8);

    private int CopyPlain(ReadOnlySpan<byte> text, Span<byte> room)
    {
        text[..19].CopyTo(room);
        room[10] = (byte)'T';
        var length = 19;
        if (digits > 0)
        {
            var fraction = text.Length > 23 ? text[20..^3] : default;
            room[19] = (byte)'.';
            room.Slice(20, digits).Fill((byte)'0');
            fraction[..Math.Min(fraction.Length, digits)].CopyTo(room[20..]);
            length = 20 + digits;
        }

        room[length] = (byte)'Z';
        return length + 1;
    }
}
