using CsCheck;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Check = CsCheck.Check;

namespace Pathway.Tests.Unit.Debezium;

[Trait("suite", "unit")]
public sealed class ValueFormTests
{
    private const int NoModifier = -1;

    [Theory]
    [InlineData(16, NoModifier, "t", "true")]
    [InlineData(16, NoModifier, "f", "false")]
    [InlineData(21, NoModifier, "-32768", "-32768")]
    [InlineData(20, NoModifier, "9223372036854775807", "9223372036854775807")]
    [InlineData(26, NoModifier, "4294967295", "4294967295")]
    [InlineData(700, NoModifier, "1", "1.0")]
    [InlineData(700, NoModifier, "3.4028235e+38", "3.4028235e+38")]
    [InlineData(701, NoModifier, "-0", "-0.0")]
    [InlineData(701, NoModifier, "NaN", "\"NaN\"")]
    [InlineData(701, NoModifier, "-Infinity", "\"-Infinity\"")]
    [InlineData(600, NoModifier, "(1,2.5)", """{"x":1.0,"y":2.5,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAARA","srid":null}""")]
    public void Write_NumbersAndPoints_AsDebezium(int oid, int modifier, string text, string expected) => Assert.Equal(expected, Written(oid, modifier, text));

    [Theory]
    [InlineData("12.34", 10, 2, "BNI=")]
    [InlineData("-999.99", 5, 2, "/nlh")]
    [InlineData("0.00", 5, 2, "AA==")]
    [InlineData("-0.01", 5, 2, "/w==")]
    [InlineData("1.28", 5, 2, "AIA=")]                            // a zero byte in front, or it would be negative
    [InlineData("-1.28", 5, 2, "gA==")]
    [InlineData("-1.29", 5, 2, "/38=")]
    [InlineData("9999999999999999999999999999.9999999999", 38, 10, "SztMqFqGxHoJiiI//////w==")]
    [InlineData("-9999999999999999999999999999.9999999999", 38, 10, "tMSzV6V5O4X2dd3AAAAAAQ==")]
    [InlineData("1000", 10, 0, "A+g=")]
    public void Write_NumericWithScale_IsUnscaledBytes(string text, int precision, int scale, string expected) =>
        Assert.Equal($"\"{expected}\"", Written(1700, ((precision << 16) | scale) + 4, text));

    [Theory]
    [InlineData("100", 0, "ZA==")]
    [InlineData("1.500", 1, "Dw==")]
    [InlineData("0.000", 0, "AA==")]
    [InlineData("0.00000001", 8, "AQ==")]
    [InlineData("-12345678901234567890.123456789", 9, "2BvkzblBNk6Rxn7r")]
    [InlineData("99999999999999999999999999999999999999999999999999", 0, "RGw7FfmSZofSxAU0/bVj////////")]
    public void Write_NumericWithoutScale_CarriesItsScale(string text, int scale, string expected) =>
        Assert.Equal($$"""{"scale":{{scale}},"value":"{{expected}}"}""", Written(1700, NoModifier, text));

    [Fact]
    public void Write_NumericOfAnyLength_EqualsBigInteger() => Check.Sample(
        Gen.Select(Gen.Char['0', '9'].Array[1, 60], Gen.Char['0', '9'].Array[0, 20], Gen.Bool),
        (whole, fraction, negative) =>
        {
            var digits = new string(whole) + new string(fraction);
            var text = (negative ? "-" : "") + new string(whole) + (fraction.Length > 0 ? "." + new string(fraction) : "");
            var number = System.Numerics.BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) * (negative ? -1 : 1);
            var expected = Convert.ToBase64String(number.ToByteArray(isUnsigned: false, isBigEndian: true));
            return Written(1700, ((80 << 16) | fraction.Length) + 4, text) == $"\"{expected}\"";
        });

    [Theory]
    [InlineData("$12.34", "BNI=")]
    [InlineData("-$92,233,720,368,547,758.08", "gAAAAAAAAAA=")]
    [InlineData("$92,233,720,368,547,758.07", "f/////////8=")]
    [InlineData("-$0.01", "/w==")]
    [InlineData("($1.00)", "nA==")]
    [InlineData("1.234,50 €", "AeI6")]
    [InlineData("¥1,234", "AeII")]
    public void Write_MoneyOfAnyLocale_IsUnscaledBytes(string text, string expected) => Assert.Equal($"\"{expected}\"", Written(790, NoModifier, text));

    [Theory]
    [InlineData(1560, 5, "10101", "\"FQ==\"")]
    [InlineData(1560, 5, "00000", "\"\"")]
    [InlineData(1560, 1, "1", "true")]
    [InlineData(1562, 1, "0", "false")]
    [InlineData(1562, NoModifier, "10000000000000001", "\"AQAB\"")]
    [InlineData(1562, NoModifier, "", "\"\"")]
    [InlineData(1560, 64, "1000000000000000000000000000000000000000000000000000000000000000", "\"AAAAAAAAAIA=\"")]
    [InlineData(17, NoModifier, "\\x00ff10", "\"AP8Q\"")]
    [InlineData(17, NoModifier, "\\x", "\"\"")]
    public void Write_BitsAndBytes_AreBase64(int oid, int modifier, string text, string expected) => Assert.Equal(expected, Written(oid, modifier, text));

    [Fact]
    public void Write_BytesInEscapeForm_SaysWhatTheConnectionNeeds() =>
        Assert.Contains("bytea_output", Assert.Throws<BadDataException>(() => Written(17, NoModifier, "abc")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("żółw 日本 \u2028 <&>", "żółw 日本 \u2028 <&>")]
    [InlineData("q\"uote \\ back / slash", "q\\\"uote \\\\ back / slash")]
    [InlineData("line\nbreak\r\ttab\b\f", "line\\nbreak\\r\\ttab\\b\\f")]
    [InlineData("\u0001\u001f\u007f", "\\u0001\\u001F\u007f")]
    [InlineData("😀a😀", "\\uD83D\\uDE00a\\uD83D\\uDE00")]
    [InlineData("", "")]
    public void Write_Text_IsEscapedAsJackson(string text, string expected) => Assert.Equal($"\"{expected}\"", Written(25, NoModifier, text));

    [Theory]
    [InlineData("", "{}")]
    [InlineData("\"k\"=>\"v\", \"n\"=>NULL, \"sp ace\"=>\"q\\\"uote\"", """{\"sp ace\":\"q\\\"uote\",\"k\":\"v\",\"n\":null}""")]
    [InlineData("\"\"=>\"NULL\"", """{\"\":\"NULL\"}""")]
    [InlineData("\"e\"=>\"😀\"", """{\"e\":\"\uD83D\uDE00\"}""")]
    public void Write_Hstore_IsTextOfJsonInOrderOfJava(string text, string expected)
    {
        var column = new PgColumn { Name = "v", Type = new PgType { Oid = 50_000, Name = "hstore", Schema = "public" } };
        Assert.Equal($"\"{expected}\"", Written(column, text));
    }

    [Fact]
    public void Write_BytesBeyondSmallBuffers_AreWhole()
    {
        var bytes = Enumerable.Range(0, 10_000).Select(value => (byte)value).ToArray();
        Assert.Equal($"\"{Convert.ToBase64String(bytes)}\"", Written(17, NoModifier, "\\x" + Convert.ToHexStringLower(bytes)));
        Assert.Equal($"\"{Convert.ToBase64String(Enumerable.Repeat((byte)0xFF, 500).ToArray())}\"", Written(1562, NoModifier, new string('1', 4000)));
    }

    internal static string Written(int oid, int modifier, string text, Compatibility compatibility = Compatibility.Right, ChangeKind kind = ChangeKind.Insert, Action<LostValue>? lost = null) =>
        Written(Rows.Column("v", (uint)oid, modifier: modifier), text, compatibility, kind, lost);

    private static string Written(PgColumn column, string text, Compatibility compatibility = Compatibility.Right, ChangeKind kind = ChangeKind.Insert, Action<LostValue>? lost = null)
    {
        var change = Rows.Change(Rows.Table([column]), kind, @new: Rows.Tuple(text), place: kind == ChangeKind.Load ? LoadPlace.Last : LoadPlace.None);
        return Rows.Field(Assert.Single(Rows.Format(Rows.Options(compatibility) with { Lost = lost }, change)).Value, "after", "v");
    }
}
