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
    [InlineData(700, NoModifier, "1e-45", "1.4E-45")]
    [InlineData(700, NoModifier, "-1e-44", "-9.8E-45")]
    [InlineData(700, NoModifier, "1.1e-44", "1.1e-44")]
    [InlineData(701, NoModifier, "5e-324", "5e-324")]
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

    [Fact]
    public void Write_NumericOfNegativeScale_HasThatScaleUnlessExact()
    {
        var column = Rows.Column("v", 1700, modifier: ((4 << 16) | (-3 & 0x7FF)) + 4);
        var change = Rows.Change(Rows.Table([column]), ChangeKind.Insert, @new: Rows.Tuple("12000"));
        Assert.Equal("\"DA==\"", Written(column, "12000"));
        Assert.Contains("\"scale\":\"-3\",\"connect.decimal.precision\":\"4\"", Rows.Format(Rows.Options() with { Schemas = true }, change)[0].Value, StringComparison.Ordinal);
        Assert.Contains("\"scale\":\"2045\"", Rows.Format(Rows.Options(Compatibility.Exact) with { Schemas = true }, change)[0].Value, StringComparison.Ordinal);
        var exact = Convert.FromBase64String(Written(column, "12000", Compatibility.Exact).Trim('"'));
        Assert.Equal(12_000 * System.Numerics.BigInteger.Pow(10, 2045), new System.Numerics.BigInteger(exact, isUnsigned: false, isBigEndian: true));
    }

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

    [Theory]
    [InlineData(23, "{1,NULL,-3}", "[1,null,-3]")]
    [InlineData(23, "{}", "[]")]
    [InlineData(23, "[2:3]={5,6}", "[5,6]")]
    [InlineData(23, "{{1,2},{3,NULL}}", "[[1,2],[3,null]]")]
    [InlineData(25, """{a,"x y","NULL",NULL,"","q\"uote","back\\slash"}""", """["a","x y","NULL",null,"","q\"uote","back\\slash"]""")]
    [InlineData(17, """{"\\x00ff"}""", """["AP8="]""")]
    [InlineData(1184, """{"2024-02-29 10:34:56.789+00"}""", """["2024-02-29T10:34:56.789000Z"]""")]
    [InlineData(3910, """{"[\"2020-01-01 00:00:00+00\",)"}""", """["[\"2020-01-01 00:00:00+00\",)"]""")]
    public void Write_Array_IsElementsInTheirForm(int element, string text, string expected) => Assert.Equal(expected, Written(Array(element), text));

    [Theory]
    [InlineData(25, "[\"__debezium_unavailable_value\"]")]
    [InlineData(2950, "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]")]
    [InlineData(17, "[\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"]")]
    [InlineData(1082, "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]")]
    [InlineData(701, "null")]
    public void Write_UnchangedLargeArray_IsPlaceholder(int element, string expected) => Assert.Equal(expected, Written(Array(element), Rows.Unchanged));

    [Theory]
    [InlineData("vector", "[1,2.5,-3]", "[1.0,2.5,-3.0]")]
    [InlineData("halfvec", "[0.5]", "[0.5]")]
    [InlineData("sparsevec", "{1:1.5,3:2}/5", """{"dimensions":5,"vector":[[1,1.5],[3,2.0]]}""")]
    [InlineData("geometry", "0101000020E6100000000000000000F03F0000000000000040", """{"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==","srid":4326}""")]
    [InlineData("geometry", "0101000000000000000000F03F0000000000000040", """{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}""")]
    public void Write_TypesOfExtensions_AreStructsAndArrays(string type, string text, string expected) =>
        Assert.Equal(expected, Written(new PgColumn { Name = "v", Type = new PgType { Oid = 50_000, Name = type, Schema = "public" } }, text));

    [Fact]
    public void Write_ArrayOfTwoDimensions_IsLostWhereTheSchemaIsKnown()
    {
        var lost = new List<LostValue>();
        var change = Rows.Change(Rows.Table([Array(23)]), ChangeKind.Insert, @new: Rows.Tuple("{{1,2},{3,4}}"));
        Assert.Equal("null", Rows.Field(Rows.Format(Rows.Options() with { Schemas = true, Lost = lost.Add }, change)[0].Value, "after", "v"));
        Assert.Equal("{{1,2},{3,4}}", Assert.Single(lost).Value);
        Assert.Equal("[null,null]", Rows.Field(Rows.Format(Rows.Options(Compatibility.Exact), change)[0].Value, "after", "v"));
    }

    private static PgColumn Array(int element) =>
        new() { Name = "v", Type = new PgType { Oid = 50_002, Name = "_element", Element = new PgType { Oid = (uint)element, Name = "element" } } };

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
