using System.Buffers.Binary;
using Avro;
using Avro.Generic;
using Avro.IO;
using Pathway.Connectors;
using Pathway.Connectors.Debezium;
using Pathway.Core;
using Pathway.Tests.Unit.Golden;

namespace Pathway.Tests.Unit.Debezium.Reading;

/// <summary>Plain Avro in Confluent's form, written by Apache.Avro, as rows and keys.</summary>
[Trait("suite", "unit")]
public sealed class AvroParserTests
{
    private const string OrderSchema = """
        {"type":"record","name":"order","namespace":"shop","fields":[{"name":"order_id","type":"long"},{"name":"customer","type":["null","string"],"default":null},
          {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},{"name":"day","type":{"type":"int","logicalType":"date"}},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"seen_at","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},{"name":"clock","type":{"type":"long","logicalType":"time-micros"}},{"name":"uuid","type":{"type":"string","logicalType":"uuid"}},
          {"name":"state","type":{"type":"enum","name":"state","symbols":["NEW","PAID"]}},{"name":"ratio","type":"double"},{"name":"ok","type":"boolean"},{"name":"left_out","type":{"type":"map","values":"int"}}]}
        """;

    private readonly MemoryRegistry _registry = new();

    public enum State
    {
        New,
        Paid,
    }

    [Fact]
    public void Of_EveryKindOfField_IsTheRow()
    {
        var id = Guid.Parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        var at = new DateTime(2024, 2, 29, 10, 20, 30, 123, DateTimeKind.Utc);
        var bytes = Write(
            OrderSchema, ("order_id", -5L), ("customer", null), ("price", new AvroDecimal(-1250, 2)), ("day", new DateTime(1969, 12, 31)), ("at", at), ("seen_at", at.AddTicks(4560)), ("clock", TimeSpan.FromMilliseconds(1.5)), ("uuid", id),
            ("state", new GenericEnum((EnumSchema)((RecordSchema)Schema.Parse(OrderSchema))["state"].Schema, "PAID")), ("ratio", 0.1), ("ok", true), ("left_out", new Dictionary<string, object> { ["a"] = 1 }));
        Assert.Equal(
            new Order(-5, null, -12.50m, new DateOnly(1969, 12, 31), new DateTimeOffset(at), at.AddTicks(4560), new TimeOnly(15_000), id, State.Paid, 0.1, true),
            AvroParsers.Of<Order>(_registry).Parse(bytes));
    }

    [Fact]
    public void Of_TwoVersionsOfASchema_EachIsReadByItsOwn()
    {
        var parser = AvroParsers.Of<Small>(_registry);
        var old = Write("""{"type":"record","name":"s","fields":[{"name":"id","type":"int"}]}""", ("id", 1));
        var young = Write("""{"type":"record","name":"s","fields":[{"name":"note","type":["string","null"]},{"name":"id","type":"long"}]}""", ("note", "n"), ("id", 2L));
        Assert.Equal([new Small(1, null), new Small(2, "n"), new Small(1, null)], new[] { old, young, old }.Select(b => parser.Parse(b)));
    }

    [Fact]
    public void Table_KeyAndValueInAvro_PutsAndTakesAway()
    {
        var key = WriteValue("\"string\"", "k");
        var upserts = ReadBack.ReadBytes(
            new KeyedRecordParser<string, Small>(AvroParsers.Of<string>(_registry), AvroParsers.Of<Small>(_registry)),
            [("t", key, Write("""{"type":"record","name":"s","fields":[{"name":"id","type":"int"}]}""", ("id", 1))), ("t", key, null)]);
        Assert.Equal(["k Put 1", "k Delete "], upserts.Select(u => $"{u.Key} {u.Kind} {u.Row?.Id}"));
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{' }, "begins with a zero byte")]
    [InlineData(new byte[] { 0, 0, 0 }, "too short for the number")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1 }, "ends too early")]
    public void Of_AnotherForm_IsNamed(byte[] bytes, string named)
    {
        _registry.IdOf("t", isKey: false, "s", """{"type":"record","name":"s","fields":[{"name":"id","type":"int"}]}""");
        Assert.Contains(named, Assert.Throws<FormatException>(() => AvroParsers.Of<Small>(_registry).Parse(bytes)).Message);
    }

    [Fact]
    public void Of_FieldThatIsMissing_IsNamed() =>
        Assert.Contains("id", Assert.Throws<FormatException>(() => AvroParsers.Of<Small>(_registry).Parse(Write("""{"type":"record","name":"s","fields":[{"name":"note","type":"string"}]}""", ("note", "n")))).Message);

    private byte[] Write(string schema, params (string Name, object? Value)[] values)
    {
        var record = new GenericRecord((RecordSchema)Schema.Parse(schema));
        foreach (var (name, value) in values) record.Add(name, value);
        return WriteValue(schema, record);
    }

    private byte[] WriteValue(string schema, object value)
    {
        using var stream = new MemoryStream();
        Span<byte> head = stackalloc byte[5];
        BinaryPrimitives.WriteInt32BigEndian(head[1..], _registry.IdOf("t", isKey: false, "r", schema));
        stream.Write(head);
        new GenericDatumWriter<object>(Schema.Parse(schema)).Write(value, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private sealed record Order(long OrderId, string? Customer, decimal Price, DateOnly Day, DateTimeOffset At, DateTime? SeenAt, TimeOnly Clock, Guid Uuid, State State, double Ratio, bool Ok);

    private sealed record Small(long Id, string? Note = null);
}
