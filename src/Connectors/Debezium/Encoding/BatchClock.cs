using System.Globalization;
using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>The time at which the events of one batch are written.</summary>
/// <param name="Number">The batch's number.</param>
/// <param name="Tail">What stands behind the operation in an event: ts_ms, ts_us, ts_ns, end of the envelope.</param>
internal readonly record struct BatchClock(long Number, byte[] Tail)
{
    /// <summary>The clock of a batch that is written at <paramref name="now"/>.</summary>
    public static BatchClock At(long number, DateTimeOffset now)
    {
        var ticks = (now - DateTimeOffset.UnixEpoch).Ticks;
        return new BatchClock(number, Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"\",\"ts_ms\":{ticks / TimeSpan.TicksPerMillisecond},\"ts_us\":{ticks / TimeSpan.TicksPerMicrosecond},\"ts_ns\":{ticks * 100}")));
    }
}
