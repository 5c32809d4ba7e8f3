using System.Text;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Kafka;

/// <summary>Keyed rows as JSON.</summary>
[Trait("suite", "unit")]
public sealed class JsonKeyedFormatterTests
{
    private enum Mood
    {
        Good,
    }

    [Fact]
    public void UpsertAndDelete_Rows_AreKeyAndValueAndTombstone()
    {
        using var output = new OutputBuffer();
        var formatter = new JsonKeyedFormatter<Key, Row>("totals");
        formatter.Upsert(new Key(1, "a"), new Row("Äpfel & <Öl>", 12.50m, null, Mood.Good), output);
        formatter.Delete(new Key(2, "b"), output);
        ReadOnlySpan<byte> bytes = output.Bytes.Span;
        var upsert = OutputBuffer.Read(ref bytes, output.Destinations);
        Assert.Equal("totals", upsert.Destination);
        Assert.Equal("""{"id":1,"part":"a"}""", Encoding.UTF8.GetString(upsert.Key));
        Assert.Equal("""{"name":"Äpfel & <Öl>","amount":12.50,"note":null,"mood":"Good"}""", Encoding.UTF8.GetString(upsert.Value));
        var delete = OutputBuffer.Read(ref bytes, output.Destinations);
        Assert.True(delete.HasKey);
        Assert.False(delete.HasValue);
        Assert.True(bytes.IsEmpty);
    }

    private sealed record Key(int Id, string Part);

    private sealed record Row(string Name, decimal Amount, string? Note, Mood Mood);
}
