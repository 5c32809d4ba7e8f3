using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Core;
using Sources = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Files;

/// <summary>CSV and plain text as sources, CSV as a sink.</summary>
[Trait("suite", "unit")]
public sealed class CsvTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-csv-").FullName;

    public enum Status
    {
        Open, Paid,
    }

    public sealed record Order(int Id, string Customer, decimal? Amount, Status Status = Status.Open, string? Note = null);

    public sealed record Timed(DateTime At, DateOnly Day, bool Fine, double Ratio, Guid Key);

    public sealed record Text(string? A, string B, long C);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Csv_HeaderInAnyOrderAndCase_FindsMembers()
    {
        var path = Write("\uFEFFamount;Customer;STATUS;i-d;more\r\n12.50;\"Ann; \"\"A\"\"\";paid;1;x\r\n;\"two\r\nlines\";Open;2;\r\n");
        var rows = await ReadAsync(Sources.Csv<Order>(path, new CsvOptions { Separator = ';' }));
        Assert.Equal([new Order(1, "Ann; \"A\"", 12.50m, Status.Paid), new Order(2, "two\r\nlines", null)], rows);
    }

    [Fact]
    public async Task Csv_ValuesOfManyTypes_AreRead()
    {
        var path = Write("At,Day,Fine,Ratio,Key\n2024-02-29T10:11:12.5Z,2024-02-29,TRUE,-1.5e3,0f8fad5b-d9cb-469f-a165-70867728950e\n2024-02-29 10:11,2024-03-01,0,2,0f8fad5b-d9cb-469f-a165-70867728950e");
        var rows = await ReadAsync(Sources.Csv<Timed>(path));
        Assert.Equal(new DateTime(2024, 2, 29, 10, 11, 12, 500, DateTimeKind.Utc), rows[0].At);
        Assert.Equal((new DateOnly(2024, 3, 1), false, 2.0), (rows[1].Day, rows[1].Fine, rows[1].Ratio));
    }

    [Theory]
    [InlineData("id,customer,amount\n1,a,2\nx,b,1", "Line 3", "column 1 'id' holds 'x', which is no Int32 for the member Id")]
    [InlineData("id,customer,amount\n1,a,\"1,5\"", "Line 2", "column 3 'amount' holds '1,5', which is no Decimal for the member Amount")]
    [InlineData("id,customer,amount\n1,\"a\nb\",1\n2,c", "Line 4", "it has 2 values, not 3")]
    [InlineData("id,customer,amount\n1,a\"b,1", "Line 2", "value 2 has a quote inside")]
    [InlineData("id,customer\n1,a", "The first line", "needs a column for Amount")]
    [InlineData("id,Id,customer,amount\n1,1,a,2", "The first line", "both stand for the member Id")]
    [InlineData("id,customer,amount,status\n1,a,2,7", "Line 2", "which is no Status for the member Status")]
    public async Task Csv_BadLine_IsNamedWithColumnAndMember(string text, string line, string reason)
    {
        var path = Write(text);
        var bad = await Assert.ThrowsAsync<BadDataException>(() => ReadAsync(Sources.Csv<Order>(path)));
        Assert.StartsWith($"{line} of {path}", bad.Message, StringComparison.Ordinal);
        Assert.Contains(reason, bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_BadLinesSkipped_GivesTheOthers()
    {
        var path = Write("id,customer,amount\n1,a,2\nx,b,1\n3,c,");
        Assert.Equal([1, 3], (await ReadAsync(Sources.Csv<Order>(path, reading: new FileReading { BadLines = BadLines.Skip }))).Select(o => o.Id));
    }

    [Fact]
    public async Task Csv_ResumedAnywhere_GoesOnWithTheHeader()
    {
        var path = Write("customer,id,amount\n" + string.Concat(Enumerable.Range(0, 2500).Select(i => $"\"c{(i % 7 == 0 ? "\n" : "")}\",{i},\n")));
        var positions = new List<(Position Position, int Count)>();
        Assert.Equal(Enumerable.Range(0, 2500), (await ReadAsync(Sources.Csv<Order>(path), null, positions)).Select(o => o.Id));
        Assert.True(positions.Count >= 3);
        foreach (var (position, count) in positions)
            Assert.Equal(Enumerable.Range(count, 2500 - count), (await ReadAsync(Sources.Csv<Order>(path), position)).Select(o => o.Id));
    }

    [Fact]
    public async Task Lines_Text_AreRowsAsTheyStand() => Assert.Equal(["a", "", " b ", "é"], await ReadAsync(Sources.Lines(Write("a\r\n\n b \né"))));

    [Fact]
    public void Csv_MemberThatIsNoSingleValue_IsRefused()
    {
        Assert.Contains("'time'", Assert.Throws<ConfigurationException>(() => new CsvChangeFormatter<Stamped>("x")).Message, StringComparison.Ordinal);
        Assert.Contains("Inner", Assert.Throws<ConfigurationException>(() => Sources.Csv<Nested>("x.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("Inner", Assert.Throws<ConfigurationException>(() => Sources.CsvSink<Nested>(Path.Combine(_folder, "x.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CsvSink_AnyRow_IsReadBack() => Gen.Select(Gen.String[Gen.Char["a,\"\n\r é;"], 0, 6].Null(), Gen.String[Gen.Char["a,\"\n\r é;"], 0, 6], Gen.Long).Array[1, 5].Sample(values =>
    {
        var rows = values.Select(v => new Text(v.Item1, v.Item2, v.Item3)).ToArray();
        using var output = new OutputBuffer();
        var formatter = new CsvChangeFormatter<Text>("out");
        foreach (var row in rows) formatter.Format(row, 1, new Epoch(3), output);
        var reader = new CsvRecordReader<Text>(new CsvOptions());
        var written = output.Bytes.Span;
        reader.TakeHeader("a,b,c,time,diff"u8);
        foreach (var row in rows)
        {
            Assert.True(reader.TryRead(OutputBuffer.Read(ref written, output.Destinations).Value, out var read));
            Assert.Equal(row, read);
        }
    });

    [Fact]
    public async Task CsvSink_PipelineStartedTwice_HasOneHeader()
    {
        var (input, output) = (Write("id,customer,amount\n1,a,2\n2,b,\n"), Path.Combine(_folder, "out.csv"));
        for (var start = 0; start < 2; start++)
        {
            var pipeline = Pipeline.Create("csv", options => options with { StateDirectory = Path.Combine(_folder, "state") });
            pipeline.Table(Sources.Csv<Order>(input)).Select(o => new Short(o.Id, o.Customer)).To(Sources.CsvSink<Short>(output));
            await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
            await File.AppendAllTextAsync(input, "3,c,1\n", TestContext.Current.CancellationToken);
        }

        var lines = await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken);
        Assert.Equal("id,customer,time,diff", lines[0]);
        Assert.Equal(["1,a,", "2,b,", "3,c,"], lines[1..].Select(l => l[..4]));
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private static async Task<List<TRow>> ReadAsync<TRow>(ISource<TRow> source, Position? resume = null, List<(Position, int)>? positions = null)
    {
        var queue = new RowQueue<TRow>(positions);
        await using var reader = source.Origin.Open([source]);
        await reader.RunAsync(new SourceContext { Resume = resume, Input = queue, PipelineName = "test", Logger = NullLogger.Instance }, TestContext.Current.CancellationToken);
        return queue.Rows;
    }

    private sealed record Short(int Id, string Customer);

    private sealed record Stamped(int Time);

    private sealed record Nested(int Id, Text Inner);

    private sealed class RowQueue<TRow>(List<(Position, int)>? positions) : IInputQueue
    {
        public List<TRow> Rows { get; } = [];

        public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
        {
            Rows.AddRange(((RowBuffer<TRow>)slice.Rows[0].Rows).Rows);
            positions?.Add((slice.Position, Rows.Count));
            return ValueTask.CompletedTask;
        }

        public Task CommitAsync(Position position, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
