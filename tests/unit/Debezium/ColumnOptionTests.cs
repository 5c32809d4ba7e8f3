using System.Text.Json;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using static Pathway.Tests.Unit.Debezium.Rows;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>Masks, types in schemas, keys by setting, bytes in their forms: where several settings meet in one column.</summary>
[Trait("suite", "unit")]
public sealed class ColumnOptionTests
{
    private const uint Bytea = 17, Int4 = 23, Text = 25, Varchar = 1043, Numeric = 1700, Timestamptz = 1184, Uuid = 2950;

    [Theory]
    [InlineData("column.mask.with.3.chars", Text, -1, "long", "\"***\"", "masked=true")]
    [InlineData("column.mask.with.3.chars", 18, -1, "x", "\"***\"", "masked=true")]           // "char"
    [InlineData("column.mask.with.3.chars", Int4, -1, "7", "7", "masked=true")]               // said of the schema, though it is no text
    [InlineData("column.mask.with.3.chars", Uuid, -1, "6f1c9a52-0b7e-4a54-9b1f-0d2d2c4b8f11", "\"6f1c9a52-0b7e-4a54-9b1f-0d2d2c4b8f11\"", "masked=true")]
    [InlineData("column.truncate.to.4.chars", Varchar, 9 + 4, "longer", "\"long\"", "truncateLength=4")]
    [InlineData("column.truncate.to.4.chars", Varchar, 4 + 4, "long", "\"long\"", "")]        // can't be longer
    [InlineData("column.truncate.to.4.chars", Uuid, -1, "6f1c9a52-0b7e-4a54-9b1f-0d2d2c4b8f11", "\"6f1c\"", "truncateLength=4")]
    [InlineData("column.truncate.to.4.chars", Timestamptz, -1, "2024-02-29 10:34:56.789+00", "\"2024\"", "truncateLength=4")]
    [InlineData("column.truncate.to.4.chars", Bytea, -1, "\\x0102030405", "\"AQIDBA==\"", "truncateLength=4")]
    [InlineData("column.truncate.to.4.chars", Int4, -1, "1234567", "1234567", "truncateLength=4")]
    public void Mask_OfAnyType_IsWhatDebeziumMakesOfIt(string setting, uint type, int modifier, string text, string value, string parameter)
    {
        var options = DebeziumSettings.Read(Options() with { Schemas = true }, setting, "public.t.v");
        var record = Assert.Single(Format(options, Change(Table([Column("v", type, modifier: modifier)]), ChangeKind.Insert, @new: Tuple(text)))).Value;
        Assert.Equal(value, Field(record, "after", "v"));
        Assert.Equal(parameter, string.Join(',', Parameters(record)));
    }

    [Fact]
    public void Mask_OfEnum_HidesTheLabel()
    {
        var mood = new PgColumn { Name = "v", Type = new PgType { Oid = 50_001, Name = "mood", Kind = 'e', EnumLabels = ["sad", "ok"] } };
        var record = Assert.Single(Format(DebeziumSettings.Read(Options(), "column.mask.with.2.chars", "public.t.v"), Change(Table([mood]), ChangeKind.Insert, @new: Tuple("sad")))).Value;
        Assert.Equal("\"**\"", Field(record, "after", "v"));
    }

    [Fact]
    public void Masks_ForTheSameColumn_TheOneThatCutsHoldsThenAsterisksThenHashes()
    {
        var options = Options() with { Schemas = true };
        foreach (var setting in (string[])["column.mask.hash.v2.SHA-256.with.salt.s", "column.mask.with.3.chars", "column.truncate.to.2.chars"]) options = DebeziumSettings.Read(options, setting, "public.t.v");
        options = DebeziumSettings.Read(options, "column.mask.with.3.chars", "public.t.w");
        options = DebeziumSettings.Read(options, "column.propagate.source.type", ".*");
        var record = Assert.Single(Format(options, Change(Table([Column("v", Text), Column("w", Text)]), ChangeKind.Insert, @new: Tuple("abc", "abc")))).Value;
        Assert.Equal("\"ab\"", Field(record, "after", "v"));
        Assert.Equal("\"***\"", Field(record, "after", "w"));
        Assert.Equal(["truncateLength=2"], Parameters(record));
    }

    [Theory]
    [InlineData("public.t:b,a", "{\"b\":2,\"a\":1}")]                // in the order of the setting
    [InlineData("public.t:a;.*:c", "{\"a\":1,\"c\":3}")]             // by all rules that the table matches
    [InlineData("public.t:[ac]", "{\"a\":1,\"c\":3}")]               // columns are expressions, too
    [InlineData("public.t:none", "{\"id\":9}")]                      // no such column: the primary key
    public void MessageKeyColumns_AreThoseOfAllRules_ElseThePrimaryKey(string setting, string key)
    {
        var table = Table([Column("id", Int4, isNotNull: true), Column("a", Int4), Column("b", Int4), Column("c", Int4)], "id");
        Assert.Equal(key, Assert.Single(Format(Options() with { MessageKeyColumns = setting }, Change(table, ChangeKind.Insert, @new: Tuple("9", "1", "2", "3")))).Key);
    }

    [Fact]
    public void Key_OfColumnThatIsLeftOutOfRows_StaysWhole()
    {
        var table = Table([Column("a", Int4, isNotNull: true), Column("b", Int4, isNotNull: true), Column("v", Text)], "a", "b");
        var record = Assert.Single(Format(DebeziumSettings.Read(Options(), "column.exclude.list", "public.t.b"), Change(table, ChangeKind.Insert, @new: Tuple("1", "2", "x"))));
        Assert.Equal("{\"a\":1,\"b\":2}", record.Key);
        Assert.Contains("\"after\":{\"a\":1,\"v\":\"x\"}", record.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes", "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"", "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"")]
    [InlineData("hex", "\"__debezium_unavailable_value\"", "\"__debezium_unavailable_value\"")]
    [InlineData("base64", "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"", "null")]
    [InlineData("base64-url-safe", "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"", "null")]
    public void Bytes_ThatAnUpdateLeftOut_HaveThePlaceholderOfTheirForm(string mode, string right, string exact)
    {
        var change = Change(Table([Column("id", Int4, isNotNull: true), Column("b", Bytea)], "id"), ChangeKind.Update, @new: Tuple("1", Unchanged));
        Assert.Equal(right, Field(Format(DebeziumSettings.Read(Options(), "binary.handling.mode", mode), change)[0].Value, "after", "b"));
        Assert.Equal(exact, Field(Format(DebeziumSettings.Read(Options(Compatibility.Exact), "binary.handling.mode", mode), change)[0].Value, "after", "b"));
    }

    [Theory]
    [InlineData("bytes", "\"MC8x\"", "[\"MC8x\",\"MC8y\"]")]
    [InlineData("base64", "\"MC8x\"", "[\"MC8x\",\"MC8y\"]")]
    [InlineData("hex", "\"302f31\"", "[\"302f31\",\"302f32\"]")]
    public void UnknownTypes_AreBytesInTheirForm_ArraysOfThemArraysOfThose(string mode, string one, string many)
    {
        var lsn = new PgType { Oid = 3220, Name = "pg_lsn" };
        var table = Table([new PgColumn { Name = "l", Type = lsn }, new PgColumn { Name = "a", Type = new PgType { Oid = 3221, Name = "_pg_lsn", Element = lsn } }]);
        var options = DebeziumSettings.Read(DebeziumSettings.Read(Options(), "include.unknown.datatypes", "true"), "binary.handling.mode", mode);
        var record = Assert.Single(Format(options, Change(table, ChangeKind.Insert, @new: Tuple("0/1", "{0/1,0/2}")))).Value;
        Assert.Equal(one, Field(record, "after", "l"));
        Assert.Equal(many, Field(record, "after", "a"));
        Assert.Empty(new DebeziumJsonFormatter(options, TimeProvider.System).Omitted(table));
    }

    [Theory]
    [InlineData("string", "12.3", "\"12.30\"")]
    [InlineData("string", "'-5'::integer", "\"-5.00\"")]
    [InlineData("string", "12.345", null)]                           // a value of the column never has so many digits
    [InlineData("double", "12.3", "12.3")]
    [InlineData("double", "12.345", null)]
    [InlineData("precise", "12.3", "\"BM4=\"")]
    public void Default_OfNumericWithScale_HasThatScale(string mode, string sql, string? expected)
    {
        var options = DebeziumSettings.Read(Options() with { Schemas = true }, "decimal.handling.mode", mode);
        var record = Assert.Single(Format(options, Change(Table([Column("v", Numeric, modifier: ((10 << 16) | 2) + 4, @default: sql)]), ChangeKind.Insert, @new: Tuple("1.00")))).Value;
        Assert.Equal(expected, SchemaOf(record).TryGetProperty("default", out var value) ? value.GetRawText() : null);
    }

    private static IEnumerable<string> Parameters(string? record) =>
        SchemaOf(record).TryGetProperty("parameters", out var parameters) ? parameters.EnumerateObject().Where(p => p.Name != "allowed").Select(p => $"{p.Name}={p.Value.GetString()}") : [];

    // Of the row's first column.
    private static JsonElement SchemaOf(string? record) => JsonDocument.Parse(record!).RootElement.GetProperty("schema").GetProperty("fields")[1].GetProperty("fields")[0];
}
