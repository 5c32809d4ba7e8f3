using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <content>Values of Avro's logical types.</content>
internal ref partial struct AvroReader
{
    private const long MicrosPerDay = 86_400_000_000;

    private void WriteLogical(AvroNode type, Utf8JsonWriter writer)
    {
        if (type.Kind is AvroKind.Bytes or AvroKind.Fixed)
        {
            var bytes = Take(type.Kind == AvroKind.Fixed ? type.Size : Length());
            if (type.Logical == "decimal") writer.WriteRawValue(FieldForm.Scaled(new BigInteger(bytes, isBigEndian: true), type.Scale), skipInputValidation: true);
            else writer.WriteBase64StringValue(bytes);
            return;
        }

        var value = Long();
        switch (type.Logical)
        {
            case "date": writer.WriteStringValue(Date(value)); break;
            case "time-millis": writer.WriteStringValue(TimeText.Time(checked(value * 1000))); break;
            case "time-micros": writer.WriteStringValue(TimeText.Time(value)); break;
            case "timestamp-millis": writer.WriteStringValue(Instant(Micros(value)) + "Z"); break;
            case "timestamp-micros": writer.WriteStringValue(Instant(value) + "Z"); break;
            case "local-timestamp-millis": writer.WriteStringValue(Instant(Micros(value))); break;
            case "local-timestamp-micros": writer.WriteStringValue(Instant(value)); break;
            default: writer.WriteNumberValue(value); break; // a meaning that isn't known here: what stands below it, as Avro asks
        }
    }

    private static long Micros(long millis) => Math.Abs(millis) <= long.MaxValue / 1000 ? millis * 1000 : throw new FormatException($"a time of {millis} milliseconds in its Avro bytes is beyond every calendar");

    private static string Instant(long micros)
    {
        var day = Math.DivRem(micros, MicrosPerDay, out var rest);
        if (rest < 0) (day, rest) = (day - 1, rest + MicrosPerDay);
        return $"{Date(day)}T{TimeText.Time(rest)}";
    }

    private static string Date(long days)
    {
        var first = new DateOnly(1970, 1, 1).DayNumber;
        return days + first is var number and >= 0 && number <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)number).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : throw new FormatException($"a date in its Avro bytes is {days} days from 1970, which is before the year 1 or after 9999");
    }
}
