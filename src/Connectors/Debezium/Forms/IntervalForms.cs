using System.Globalization;

namespace Pathway.Connectors.Debezium;

/// <summary>Interval in microseconds, with months of 30.4375 days.</summary>
internal sealed class IntervalForm(bool exact, LossReport loss) : ColumnForm(ConnectSchema.Named(ConnectType.Int64, "io.debezium.time.MicroDuration"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var interval = PgInterval.Read(text);
        var fits = interval.TryGetMicros(out var micros);
        if (exact) micros = interval.MicrosInDoublePrecision;
        if (!fits) loss.Changed(text, micros.ToString(CultureInfo.InvariantCulture));
        output.Number(micros);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Number(0);
}

/// <summary>Interval as text with all its parts: P1Y2M3DT4H5M6.789S.</summary>
internal sealed class IntervalTextForm() : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.time.Interval"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        Span<byte> iso = stackalloc byte[128];
        output.Ascii(iso[..PgInterval.Read(text).WriteIso(iso)]);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("P0Y0M0DT0H0M0S"u8);
}
