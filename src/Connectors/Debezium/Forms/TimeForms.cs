namespace Pathway.Connectors.Debezium;

/// <summary>The units of times as numbers.</summary>
internal enum TimeUnit
{
    /// <summary>Milliseconds.</summary>
    Millis,

    /// <summary>Milliseconds in Kafka Connect's own types.</summary>
    ConnectMillis,

    /// <summary>Microseconds.</summary>
    Micros,

    /// <summary>Nanoseconds.</summary>
    Nanos,
}

/// <summary>Time of day as a number.</summary>
/// <param name="unit">Its unit.</param>
/// <param name="dropsMicros">Whether only whole milliseconds count, as in Debezium's arrays, which go through java.sql.Time.</param>
internal sealed class TimeForm(TimeUnit unit, bool dropsMicros = false) : ColumnForm(SchemaOf(unit))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var micros = PgTime.ReadTime(text);
        if (dropsMicros) micros -= micros % 1000;
        if (unit == TimeUnit.ConnectMillis && output.Wire == Wire.Header) JavaDate.Write(micros / 1000, ref output);
        else output.Number(unit switch { TimeUnit.Micros => micros, TimeUnit.Nanos => micros * 1000, _ => micros / 1000 });
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Number(0);

    private static ConnectSchema SchemaOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Millis => ConnectSchema.Named(ConnectType.Int32, "io.debezium.time.Time"),
        TimeUnit.ConnectMillis => ConnectSchema.Named(ConnectType.Int32, "org.apache.kafka.connect.data.Time"),
        TimeUnit.Micros => ConnectSchema.Named(ConnectType.Int64, "io.debezium.time.MicroTime"),
        _ => ConnectSchema.Named(ConnectType.Int64, "io.debezium.time.NanoTime"),
    };
}

/// <summary>Time of day as text: 12:34:56.789Z.</summary>
/// <param name="dropsMicros">As above.</param>
internal sealed class IsoTimeForm(bool dropsMicros = false) : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.IsoTime"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var micros = PgTime.ReadTime(text);
        if (dropsMicros) micros -= micros % 1000;
        IsoTime.WriteZonedClock(micros, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("00:00:00Z"u8);
}

/// <summary>Time of day with zone, as UTC: 10:34:56.789Z.</summary>
internal sealed class ZonedTimeForm() : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.ZonedTime"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => IsoTime.WriteZonedClock(PgTime.ReadZonedTime(text), ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("00:00:00Z"u8);
}
