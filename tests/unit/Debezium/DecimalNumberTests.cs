using CsCheck;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>decimal.format = NUMERIC: decimals as numbers in JSON.</summary>
[Trait("suite", "unit")]
public sealed class DecimalNumberTests
{
    private static readonly DebeziumOptions Numeric = DebeziumSettings.Read(new DebeziumOptions { TopicPrefix = "shop", Database = "shop" }, "decimal.format", "NUMERIC");

    [Theory]
    [InlineData("1.50", 2, "1.50")]
    [InlineData("-0.05", 2, "-0.05")]
    [InlineData("0.00", 2, "0.00")]
    [InlineData("7", 0, "7")]
    [InlineData("-1234567890123456789012345678901234567890.5", 1, "-1234567890123456789012345678901234567890.5")]
    [InlineData("0.000001", 6, "0.000001")]
    [InlineData("0.0000001", 7, "1E-7")]
    [InlineData("0.00000123", 8, "0.00000123")]
    [InlineData("0.000000123", 9, "1.23E-7")]
    [InlineData("0.00000000", 8, "0E-8")]
    [InlineData("12000", -3, "1.2E+4")]
    [InlineData("-7000", -3, "-7E+3")]
    [InlineData("0", -3, "0E+3")]
    public void Format_Numeric_AsJavasBigDecimalPrintsIt(string text, int scale, string expected) => Assert.Equal(expected, Price(1700, (60 << 16) + (scale & 0x7FF) + 4, text));

    [Fact]
    public void Format_Money_IsANumber() => Assert.Equal("-1234.50", Price(790, -1, "-$1,234.50"));

    [Fact]
    public void Format_AnyNumber_ReadsBackAsTheSame() => Gen.Select(Gen.Long, Gen.Int[0, 18]).Sample((unscaled, scale) =>
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = (unscaled < 0 ? "-" : "") + (scale == 0 ? digits : digits.Insert(digits.Length - scale, "."));
        return decimal.Parse(Price(1700, (38 << 16) + scale + 4, text), NumberStyles.Float, CultureInfo.InvariantCulture) == decimal.Parse(text, CultureInfo.InvariantCulture);
    });

    [Fact]
    public void Format_OldRowByItsKeyAlone_ZeroOfTheScale()
    {
        var table = Rows.Table([Rows.Column("id", 23, isNotNull: true), Rows.Column("price", 1700, modifier: (6 << 16) + 2 + 4, isNotNull: true)], "id");
        var value = Rows.Format(Numeric, Rows.Change(table, ChangeKind.Delete, old: Rows.Tuple("1", null)))[0].Value!;
        Assert.Equal("0.00", JsonDocument.Parse(value).RootElement.GetProperty("before").GetProperty("price").GetRawText());
    }

    [Fact]
    public void Format_Default_IsANumberInTheSchema()
    {
        var table = Rows.Table([Rows.Column("id", 23, isNotNull: true), Rows.Column("price", 1700, modifier: (6 << 16) + 2 + 4, @default: "1.5")], "id");
        var value = Rows.Format(Numeric with { Schemas = true }, Rows.Change(table, ChangeKind.Insert, @new: Rows.Tuple("1", null)))[0].Value!;
        Assert.Contains("\"default\":1.50", value);
    }

    private static string Price(uint type, int modifier, string text)
    {
        var table = Rows.Table([Rows.Column("id", 23, isNotNull: true), Rows.Column("price", type, modifier: modifier)], "id");
        var value = Rows.Format(Numeric, Rows.Change(table, ChangeKind.Insert, @new: Rows.Tuple("1", text)))[0].Value!;
        return JsonDocument.Parse(value).RootElement.GetProperty("after").GetProperty("price").GetRawText();
    }
}
