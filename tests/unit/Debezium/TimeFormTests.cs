using CsCheck;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using static Pathway.Tests.Unit.Debezium.ValueFormTests;

namespace Pathway.Tests.Unit.Debezium;

[Trait("suite", "unit")]
public sealed class TimeFormTests
{
    private const int Date = 1082, Time = 1083, Timestamp = 1114, Timestamptz = 1184, Interval = 1186, Timetz = 1266;

    [Theory]
    [InlineData("1970-01-01", 0)]
    [InlineData("2024-02-29", 19_782)]
    [InlineData("1969-12-31", -1)]
    [InlineData("0001-01-01", -719_162)]
    [InlineData("0044-03-15 BC", -735_160)]
    [InlineData("4713-01-01 BC", -2_440_550)]
    [InlineData("5874897-12-31", 2_145_042_905)]
    [InlineData("infinity", int.MaxValue)]
    [InlineData("-infinity", int.MinValue)]
    public void Write_Date_IsDaysAlsoInLoadedRows(string text, int days)
    {
        Assert.Equal($"{days}", Written(Date, -1, text));
        Assert.Equal($"{days}", Written(Date, -1, text, kind: ChangeKind.Load));
    }

    [Theory]
    [InlineData("infinity", -2_147_472_692, -622_191_234)]
    [InlineData("-infinity", -2_147_472_691, -625_821_272)]
    [InlineData("0044-03-15 BC", -735_160, -703_383)]
    [InlineData("1582-10-10", -141_432, -141_422)]
    [InlineData("1582-10-15", -141_427, -141_427)]
    [InlineData("2024-02-29", 19_782, 19_782)]
    public void Write_DateExact_DiffersBetweenStreamAndLoad(string text, int streamed, int loaded)
    {
        Assert.Equal($"{streamed}", Written(Date, -1, text, Compatibility.Exact));
        Assert.Equal($"{loaded}", Written(Date, -1, text, Compatibility.Exact, ChangeKind.Load));
    }

    [Theory]
    [InlineData(-1, "12:34:56.789012", 45_296_789_012)]
    [InlineData(6, "24:00:00", 86_400_000_000)]
    [InlineData(4, "00:00:00.0001", 100)]
    [InlineData(3, "23:59:59.999", 86_399_999)]
    [InlineData(0, "12:34:57", 45_297_000)]
    public void Write_Time_IsMicrosOrMillis(int modifier, string text, long expected) => Assert.Equal($"{expected}", Written(Time, modifier, text));

    [Theory]
    [InlineData("12:34:56.789012+02", "10:34:56.789012Z")]
    [InlineData("23:59:59.5-12:30", "12:29:59.5Z")]
    [InlineData("24:00:00+00", "00:00:00Z")]
    [InlineData("00:00:00+15:59", "08:01:00Z")]
    [InlineData("01:02:03+05:30:15", "19:31:48Z")]
    public void Write_TimeWithZone_IsUtcWithDigitsAsNeeded(string text, string expected) => Assert.Equal($"\"{expected}\"", Written(Timetz, -1, text));

    [Theory]
    [InlineData(-1, "2024-02-29 12:34:56.789012", 1_709_210_096_789_012)]
    [InlineData(6, "1969-12-31 23:59:59.999999", -1)]
    [InlineData(5, "1970-01-01 00:00:00.00001", 10)]
    [InlineData(3, "2024-02-29 12:34:56.789", 1_709_210_096_789)]
    [InlineData(0, "1969-12-31 23:59:59", -1000)]
    [InlineData(-1, "0044-03-15 12:00:00.123456 BC", -63_517_780_799_876_544)]
    [InlineData(3, "0044-03-15 12:00:00.123 BC", -63_517_780_799_877)]
    [InlineData(-1, "infinity", 9_223_372_036_825_200_000)]
    [InlineData(3, "-infinity", -9_223_372_036_832_400)]
    [InlineData(3, "294276-12-31 23:59:59.999", 9_224_318_015_999_999)]
    [InlineData(-1, "4713-01-01 00:00:00 BC", -210_863_520_000_000_000)]
    public void Write_Timestamp_IsMicrosOrMillis(int modifier, string text, long expected) => Assert.Equal($"{expected}", Written(Timestamp, modifier, text));

    [Fact]
    public void Write_TimestampBeyond64Bit_SaturatesAndSaysSo()
    {
        var lost = new List<LostValue>();
        Assert.Equal("9223372036854775807", Written(Timestamp, -1, "294276-12-31 23:59:59.999999", lost: lost.Add));
        Assert.Equal(new LostValue("public.t", "v", "294276-12-31 23:59:59.999999", "9223372036854775807"), Assert.Single(lost));
        Assert.Equal("-9223372036853775810", Written(Timestamp, -1, "294276-12-31 23:59:59.999999", Compatibility.Exact));
    }

    [Theory]
    [InlineData(-1, "2024-02-29 10:34:56.789012+00", "2024-02-29T10:34:56.789012Z")]
    [InlineData(-1, "2024-02-29 10:34:56+00", "2024-02-29T10:34:56.000000Z")]
    [InlineData(6, "2024-02-29 10:34:56.5+00", "2024-02-29T10:34:56.500000Z")]
    [InlineData(4, "2024-02-29 10:34:56.789+00", "2024-02-29T10:34:56.7890Z")]
    [InlineData(1, "2024-02-29 10:34:56.8+00", "2024-02-29T10:34:56.8Z")]
    [InlineData(0, "2024-02-29 10:34:57+00", "2024-02-29T10:34:57Z")]
    [InlineData(0, "10000-01-01 00:00:00+00", "+10000-01-01T00:00:00Z")]
    [InlineData(-1, "0044-03-15 12:00:00.123456+00 BC", "-0043-03-15T12:00:00.123456Z")]
    [InlineData(3, "0001-12-31 23:00:00+00 BC", "0000-12-31T23:00:00.000Z")]
    [InlineData(-1, "294276-12-31 23:59:59.999999+00", "+294276-12-31T23:59:59.999999Z")]
    [InlineData(-1, "2024-03-01 00:30:00+05:30", "2024-02-29T19:00:00.000000Z")]
    [InlineData(0, "1999-12-31 23:30:00-08", "2000-01-01T07:30:00Z")]
    [InlineData(-1, "infinity", "infinity")]
    [InlineData(3, "-infinity", "-infinity")]
    public void Write_TimestampWithZone_IsUtcWithTheColumnsDigits(int modifier, string text, string expected) => Assert.Equal($"\"{expected}\"", Written(Timestamptz, modifier, text));

    [Theory]
    [InlineData("00:00:00", 0)]
    [InlineData("1 year 2 mons 3 days 04:05:06.789012", 37_091_106_789_012)]
    [InlineData("-1 days +02:03:00", -79_020_000_000)]
    [InlineData("-00:00:00.000001", -1)]
    [InlineData("-2 years -3 mons", -71_004_600_000_000)]
    [InlineData("100 days 25:00:00", 8_730_000_000_000)]
    [InlineData("-1 mons +2 days -03:00:00", -2_467_800_000_000)]
    [InlineData("292271 years", 9_223_371_309_600_000_000)]
    public void Write_Interval_IsMicros(string text, long expected) => Assert.Equal($"{expected}", Written(Interval, -1, text));

    [Theory]
    [InlineData("178000000 years", long.MaxValue)]
    [InlineData("-178000000 years", long.MinValue)]
    public void Write_IntervalBeyond64Bit_SaturatesAndSaysSo(string text, long expected)
    {
        var lost = new List<LostValue>();
        Assert.Equal($"{expected}", Written(Interval, -1, text, lost: lost.Add));
        Assert.Equal(text, Assert.Single(lost).Value);
        Assert.Equal($"{expected}", Written(Interval, -1, text, Compatibility.Exact));
    }

    [Fact]
    public void Write_LongIntervalExact_IsRoundedAsInDoublePrecision()
    {
        Assert.Equal("31557600000000001", Written(Interval, -1, "1000 years 00:00:00.000001"));
        Assert.Equal("31557600000000000", Written(Interval, -1, "1000 years 00:00:00.000001", Compatibility.Exact));
    }

    [Fact]
    public void Write_AnyDay_EqualsDotNetsCalendar() => Gen.Int[0, 3_652_058].Sample(
        day =>
        {
            var date = DateOnly.FromDayNumber(day);
            var epochDay = day - new DateOnly(1970, 1, 1).DayNumber;
            return Written(Date, -1, date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)) == $"{epochDay}"
                && PgTime.FromEpochDay(epochDay) == new PgTime.Date(date.Year, date.Month, date.Day);
        });
}
