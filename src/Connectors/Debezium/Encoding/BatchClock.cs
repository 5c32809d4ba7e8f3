namespace Pathway.Connectors.Debezium;

/// <summary>The time at which the events of one batch are written.</summary>
/// <param name="Number">The batch's number.</param>
/// <param name="Millis">Milliseconds since 1970.</param>
/// <param name="Tail">What stands behind the operation in an envelope: ts_ms, ts_us, ts_ns, end of the envelope.</param>
internal readonly record struct BatchClock(long Number, long Millis, byte[] Tail)
{
    /// <summary>The clock of a batch that is written at <paramref name="now"/>.</summary>
    public static BatchClock At(long number, DateTimeOffset now, Wire wire)
    {
        var ticks = (now - DateTimeOffset.UnixEpoch).Ticks;
        long[] times = [ticks / TimeSpan.TicksPerMillisecond, ticks / TimeSpan.TicksPerMicrosecond, ticks * 100];
        return new BatchClock(number, times[0], Section.Compile(wire, (ref output) =>
        {
            for (var i = 0; i < times.Length; i++)
            {
                output.Field(EnvelopeSchema.Times[i]);
                output.Number(times[i]);
            }

            output.EndStruct();
        }));
    }
}
