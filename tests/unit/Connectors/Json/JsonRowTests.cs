using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Connectors.Json;

/// <summary>Rows from and to JSON by the code that is made for their type: always what the general serializer does.</summary>
[Trait("suite", "unit")]
public sealed class JsonRowTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(Gen.String, Gen.String[Gen.Char['\u0001', '\u02FF'], 0, 8], Gen.String[Gen.Char['a', 'z'], 0, 20]);

    private static readonly string[] Puts = ["\"", "\\", "}", ",", "0", "00", "-", "e1", "null", " ", "\u0001", "é", "", "\n", "[", "1.5", "tru"];

    private static readonly Gen<Wide> Wides = Gen.Select(
        Gen.Select(Gen.Int, Gen.Long, Texts, Texts.Null(), Gen.Bool, Gen.Decimal),
        Gen.Select(Gen.Double.Where(double.IsFinite), Gen.Int.Nullable(), Gen.Bool.Nullable(), Gen.DateTimeOffset, Gen.Guid, Gen.Enum<DayOfWeek>(), Gen.Short),
        (a, b) => new Wide(a.Item1, a.Item2, a.Item3, a.Item4, a.Item5, a.Item6, b.Item1, b.Item2, b.Item3, b.Item4, b.Item5, b.Item6) { Small = b.Item7 });

    [Fact]
    public void Write_AnyRow_IsWhatTheSerializerWrites() => Wides.Sample(row => Assert.Equal(JsonSerializer.Serialize(row, RowJson.Options), Written(row)));

    [Fact]
    public void Read_LinesOfOneShape_AreWhatWasWritten() => Wides.Array[1, 8].Sample(rows =>
    {
        var reader = new JsonRowReader<Wide>();
        foreach (var row in rows) Assert.Equal(row, reader.Read(JsonSerializer.SerializeToUtf8Bytes(row, RowJson.Options)));
    });

    [Fact]
    public void Read_AnyMutatedLine_GivesOrRefusesWhatTheSerializerDoes()
    {
        var good = Encoding.UTF8.GetBytes("""{"id": 12, "more":"x,}" ,"name":"Ada","price":-1.50,"fine":true,"note":null}""");
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, Puts.Length - 1].Select(i => Puts[i]), Gen.Int[0, 3]).Sample((at, put, drop) =>
        {
            byte[] line = [.. good[..at], .. Encoding.UTF8.GetBytes(put), .. good[Math.Min(good.Length, at + drop)..]];
            var reader = new JsonRowReader<Small>();
            reader.Read(good);
            var (expected, found) = (Outcome(() => JsonSerializer.Deserialize<Small>(line, RowJson.Options)), Outcome(() => reader.Read(line)));
            Assert.Equal(expected, found);
        });
    }

    [Theory]
    [InlineData("""{"name":"a","id":1}""")]
    [InlineData("""{"ID":1,"Name":"a","fine":false,"price":2,"note":"n"}""")]
    [InlineData("""{"id":9223372036854775807,"name":"a\u0041"}""")]
    [InlineData("""{"id":1,"name":"first","name":"last"}""")]
    [InlineData("""{"id":1,"name":{"a":1}}""")]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":1,"name":null}""")]
    [InlineData("""{"id":1.0,"name":"a"}""")]
    [InlineData("""{"id":"1","name":"a"}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public void Read_OtherShapes_AreWhatTheSerializerReads(string line)
    {
        var reader = new JsonRowReader<Small>();
        var bytes = Encoding.UTF8.GetBytes(line);
        for (var time = 0; time < 3; time++) Assert.Equal(Outcome(() => JsonSerializer.Deserialize<Small>(bytes, RowJson.Options)), Outcome(() => reader.Read(bytes)));
    }

    [Fact]
    public void Read_ComputedAndAnnotatedMembers_AreAsTheSerializerHasThem()
    {
        var row = new Annotated("n", 3) { Extra = 7 };
        var json = JsonSerializer.SerializeToUtf8Bytes(row, RowJson.Options);
        var reader = new JsonRowReader<Annotated>();
        for (var time = 0; time < 3; time++) Assert.Equal(row, reader.Read(json));
        Assert.Equal(Encoding.UTF8.GetString(json), Written(row));
        Assert.Equal("""{"item1":1,"item2":"a"}""", Written((1, "a")));
        Assert.Equal("""{"a":1,"b":{"a":2}}""", Written(new { A = 1, B = new { A = 2 } }));
        Assert.Equal("5", Written(5));
    }

    [Theory]
    [InlineData("""{"type":"order","id":1}""", true)]
    [InlineData("""{"id":1,"type":"order"}""", true)]
    [InlineData("""{ "type" : "ord\u0065r" }""", true)]
    [InlineData("""{"type":"ord\u0065r"}""", true)]
    [InlineData("""{"type":"orders"}""", false)]
    [InlineData("""{"id":{"type":"order"}}""", false)]
    [InlineData("""{"type":7}""", false)]
    public void LineKind_Line_IsTold(string line, bool matches) => Assert.Equal(matches, new LineKind("type", "order").Matches(Encoding.UTF8.GetBytes(line)));

    private static string Written<T>(T row)
    {
        using var output = new OutputBuffer();
        output.BeginRow(output.Destination("out"));
        output.BeginValue();
        new JsonRowWriter<T>().Write(in row, output);
        output.EndRow();
        var bytes = output.Bytes.Span;
        return Encoding.UTF8.GetString(OutputBuffer.Read(ref bytes, output.Destinations).Value);
    }

    private static string Outcome<T>(Func<T> read)
    {
        try
        {
            return read()?.ToString() ?? "refused";
        }
        catch (JsonException)
        {
            return "refused";
        }
    }

    private sealed record Small(long Id, string Name, decimal Price = 7, bool? Fine = null, string? Note = "none");

    private sealed record Annotated([property: JsonPropertyName("the name")] string Name, int Count)
    {
        public int Doubled => Count * 2;

        [JsonIgnore]
        public int Hidden { get; init; }

        public required int Extra { get; init; }
    }

    private sealed record Wide(
        int Id, long Number, string Name, string? Note, bool Fine, decimal Price, double Ratio, int? Maybe, bool? Perhaps, DateTimeOffset At, Guid Key, DayOfWeek Day)
    {
        public short Small { get; set; }
    }
}
