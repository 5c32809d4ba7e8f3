using System.Globalization;
using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes dates of Kafka Connect's own types as its plain form of headers does: by what they hold, not by their type.</summary>
internal static class JavaDate
{
    private const long MillisPerDay = 86_400_000;

    /// <summary>12:34:56.789Z within the first day, 2024-02-29 for whole days, else 2024-02-29T12:34:56.789Z.</summary>
    public static void Write(long millis, ref RecordOutput output)
    {
        var form = millis < MillisPerDay ? "HH:mm:ss.fff'Z'" : millis % MillisPerDay == 0 ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        output.Raw(Encoding.ASCII.GetBytes(DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(millis, -62_135_596_800_000, 253_402_300_799_999)).UtcDateTime.ToString(form, CultureInfo.InvariantCulture)));
    }
}
