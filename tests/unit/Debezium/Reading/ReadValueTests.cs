using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.Tests.Unit.Golden;
using static Pathway.Tests.Unit.Debezium.Rows;

namespace Pathway.Tests.Unit.Debezium.Reading;

/// <summary>What the formatter writes of a value, and what Debezium wrote of it, is read back as the text that Postgres printed.</summary>
[Trait("suite", "unit")]
public sealed class ReadValueTests
{
    private static readonly string[] Canonical = ["int2", "int4", "int8", "bool", "text", "varchar", "uuid", "date", "bytea"];

    [Theory]
    [InlineData(20, "int8", -1, "-9223372036854775808")]
    [InlineData(16, "bool", -1, "t")]
    [InlineData(701, "float8", -1, "0.1")]
    [InlineData(25, "text", -1, "\"ü\\ {}")]
    [InlineData(17, "bytea", -1, "\\x00ff10")]
    [InlineData(2950, "uuid", -1, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData(1082, "date", -1, "1969-12-31")]
    [InlineData(1082, "date", -1, "0044-03-15 BC")]
    [InlineData(1082, "date", -1, "infinity")]
    [InlineData(1083, "time", -1, "23:59:59.999999")]
    [InlineData(1114, "timestamp", -1, "1969-12-31 23:59:59.5")]
    [InlineData(1114, "timestamp", 3, "2024-02-29 00:00:00.001")]
    [InlineData(1114, "timestamp", -1, "-infinity")]
    [InlineData(1184, "timestamptz", -1, "2024-02-29 10:34:56.789012+00")]
    [InlineData(1700, "numeric", ((10 << 16) | 2) + 4, "-12345678.90")]
    [InlineData(1700, "numeric", ((10 << 16) | 4) + 4, "0.0001")]
    [InlineData(1700, "numeric", -1, "123456789012345678901234567890.5")]
    [InlineData(3802, "jsonb", -1, "{\"a\": [1, null]}")]
    public void Value_WrittenAndRead_IsTheSameText(uint oid, string type, int modifier, string text)
    {
        var table = Table([Column("id", 23, "int4", isNotNull: true), Column("value", oid, type, modifier)], "id");
        var written = Change(table, ChangeKind.Insert, @new: Tuple("1", text));
        AssertRead(Assert.Single(ReadBack.Read(DebeziumParsers.Changes(), Format(Options() with { Schemas = true }, written))), type, text);

        var registry = new MemoryRegistry();
        using var output = new OutputBuffer();
        new DebeziumAvroFormatter(Options(), registry, TimeProvider.System).Format([written], output);
        var rest = output.Bytes.Span;
        var row = OutputBuffer.Read(ref rest, output.Destinations);
        AssertRead(Assert.Single(ReadBack.ReadBytes(DebeziumParsers.Changes(new() { Schemas = registry }), [(row.Destination, row.Key.ToArray(), row.Value.ToArray())])), type, text);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "too short")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 2, 8 }, "ends too early")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 6 }, "doesn't have")]
    public void Avro_Broken_IsNamed(byte[] value, string named)
    {
        var registry = new MemoryRegistry();
        registry.IdOf("t", isKey: false, "r", """["null",{"type":"record","name":"r","fields":[{"name":"op","type":"string"}]}]""");
        var bad = Assert.Throws<FormatException>(() => ReadBack.ReadBytes(DebeziumParsers.Changes(new() { Schemas = registry }), [("t", null, value)]));
        Assert.Contains(named, bad.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01-basic", false)]
    [InlineData("02-scalar-types", false)]
    [InlineData("01-basic", true)]
    [InlineData("02-scalar-types", true)]
    public void Rows_OfTheRealConnector_AreThoseOfTheStream(string name, bool isAvro)
    {
        var scenario = GoldenScenario.Load(GoldenFolders.All.Keys.First(k => k == name || k.EndsWith("/" + name, StringComparison.Ordinal)));
        var expected = GoldenReplay.Changes(scenario).Where(c => c.Kind <= ChangeKind.Update).Select(c => Row(c, c.Table)).ToList();
        var records = scenario.Records.Where(r => !r.IsHeartbeat);
        var read = isAvro
            ? ReadBack.ReadBytes(DebeziumParsers.Changes(new() { Schemas = new Recorded(scenario) }), records.Select(r => (r.Topic, r.KeyAvro, r.ValueAvro)))
            : ReadBack.Read(DebeziumParsers.Changes(), records.Select(r => (r.Topic, r.Key?.GetRawText(), r.Value?.GetRawText())));
        var found = read.Where(c => c.Kind <= ChangeKind.Update).Select(c => Row(c, c.Table)).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Count, found.Count);
        foreach (var (left, right) in expected.Zip(found))
            foreach (var (column, type, text) in left.Values)
                if (Canonical.Contains(type) && right.Values.FirstOrDefault(v => v.Column == column) is { Column: not null } same) Assert.Equal((left.Table, column, text), (right.Table, column, same.Text));
    }

    private static void AssertRead(ChangeEvent change, string type, string text)
    {
        Assert.Equal(["1", text], ReadBack.Texts(change.New));
        Assert.Equal([type, "id"], [change.Table.Columns[1].Type.Name, .. change.Table.PrimaryKey]);
        Assert.Equal("public.t", change.Table.FullName);
    }

    private static (string Table, List<(string Column, string Type, string? Text)> Values) Row(ChangeEvent change, PgTable table) =>
        (table.FullName, [.. ReadBack.Texts(change.New).Select((text, i) => (table.Columns[i].Name, table.Columns[i].Type.Name, text))]);

    private sealed class Recorded(GoldenScenario scenario) : ISchemaSource
    {
        public string SchemaOf(int id) => scenario.Schemas.First(s => s.Id == id).Schema;
    }
}
