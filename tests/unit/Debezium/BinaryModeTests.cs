using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>binary.handling.mode beyond the values of bytea: large values that weren't sent, and types that are carried as bytes of their text.</summary>
[Trait("suite", "unit")]
public sealed class BinaryModeTests
{
    private const string Placeholder = "__debezium_unavailable_value";

    private static readonly PgType Pair = new() { Oid = 70_000, Name = "pair", Kind = 'c' };

    [Theory]
    [InlineData("bytes", Compatibility.Exact, "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"")]
    [InlineData("hex", Compatibility.Exact, $"\"{Placeholder}\"")]
    [InlineData("hex", Compatibility.Right, $"\"{Placeholder}\"")]
    [InlineData("base64", Compatibility.Exact, "null")]
    [InlineData("base64-url-safe", Compatibility.Exact, "null")]
    [InlineData("base64", Compatibility.Right, "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"")]
    public void Write_LargeByteaThatWasNotSent_AsDebeziumUnlessThatIsNull(string mode, Compatibility compatibility, string expected)
    {
        var table = Rows.Table([Rows.Column("id", 23, isNotNull: true), Rows.Column("v", 17)], "id");
        var change = Rows.Change(table, ChangeKind.Update, @new: Rows.Tuple("1", Rows.Unchanged));
        Assert.Equal(expected, Rows.Field(Rows.Format(DebeziumSettings.Read(Rows.Options(compatibility), "binary.handling.mode", mode), change)[0].Value, "after", "v"));
    }

    [Theory]
    [InlineData("bytes", "bytes", "\"KDEsPn4p\"")]
    [InlineData("base64", "string", "\"KDEsPn4p\"")]
    [InlineData("hex", "string", "\"28312c3e7e29\"")]
    public void Write_UnknownType_IsItsTextInTheWayOfBytea(string mode, string type, string expected)
    {
        var value = Unknown(new PgColumn { Name = "v", Type = Pair, TypeModifier = -1 }, "(1,>~)", mode);
        Assert.Equal(expected, Rows.Field(value, "after", "v"));
        Assert.Contains($$"""{"type":"{{type}}","optional":true,"field":"v"}""", value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"(1,a)","(2,b)"}""", "[\"KDEsYSk=\",\"KDIsYik=\"]")]
    [InlineData("{}", "[]")]
    [InlineData("""{"(1,a)",NULL}""", "null")]
    public void Write_ArrayOfUnknownType_HasRequiredElements(string text, string expected)
    {
        var value = Unknown(new PgColumn { Name = "v", Type = new PgType { Oid = 70_001, Name = "_pair", Element = Pair }, TypeModifier = -1 }, text, "bytes");
        Assert.Equal(expected, Rows.Field(value, "after", "v"));
        Assert.Contains("""{"type":"array","items":{"type":"bytes","optional":false},"optional":true,"field":"v"}""", value, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ArrayOfTsvector_IsCarriedWithRequiredElements()
    {
        var type = new PgType { Oid = 3643, Name = "_tsvector", Element = new PgType { Oid = 3614, Name = "tsvector" } };
        var table = Rows.Table([Rows.Column("id", 23, isNotNull: true), new PgColumn { Name = "v", Type = type, TypeModifier = -1 }], "id");
        var value = Rows.Format(Rows.Options() with { Schemas = true }, Rows.Change(table, ChangeKind.Insert, @new: Rows.Tuple("1", """{"'a' 'b'","'c':1"}""")))[0].Value;
        Assert.Equal("""["'a' 'b'","'c':1"]""", Rows.Field(value, "after", "v"));
        Assert.Contains("""{"type":"array","items":{"type":"string","optional":false,"name":"io.debezium.data.Tsvector","version":1},"optional":true,"field":"v"}""", value, StringComparison.Ordinal);
    }

    private static string? Unknown(PgColumn column, string text, string mode)
    {
        var options = DebeziumSettings.Read(DebeziumSettings.Read(Rows.Options() with { Schemas = true }, "include.unknown.datatypes", "true"), "binary.handling.mode", mode);
        var table = Rows.Table([Rows.Column("id", 23, isNotNull: true), column], "id");
        return Rows.Format(options, Rows.Change(table, ChangeKind.Insert, @new: Rows.Tuple("1", text)))[0].Value;
    }
}
