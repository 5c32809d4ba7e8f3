using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Core;
using JsonFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Files;

/// <summary>Files of JSON lines as sources.</summary>
[Trait("suite", "unit")]
public sealed class FileSourceTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Table_Lines_AreUpsertsInOrder()
    {
        await WriteAsync("""{"id":1,"name":"one"}""" + "\n" + """{"ID":2,"Name":"two","more":true}""" + "\r\n\n" + """{"id":1,"name":"uno"}""");
        var read = await ReadAsync<Upsert<int, Row>>(JsonFiles.Table<int, Row>(_path, r => r.Id), null);
        Assert.Equal([(1, "one"), (2, "two"), (1, "uno")], read.Rows.Select(u => (u.Key, u.Row!.Name)));
    }

    [Fact]
    public async Task Stream_ManyLines_ComeInBoundedSlicesAndResumeAnywhere()
    {
        var lines = Enumerable.Range(0, 3500).Select(i => $$"""{"id":{{i}},"name":"{{new string('x', i % 300)}}"}""").ToArray();
        await WriteAsync(string.Join('\n', lines) + "\n");
        var whole = await ReadAsync(JsonFiles.Stream<Row>(_path), null);
        Assert.Equal(Enumerable.Range(0, 3500), whole.Rows.Select(r => r.Id));
        Assert.All(whole.Slices, s => Assert.InRange(s.Count, 1, 1000));
        foreach (var (position, count) in whole.Positions)
            Assert.Equal(Enumerable.Range(count, 3500 - count), (await ReadAsync(JsonFiles.Stream<Row>(_path), position)).Rows.Select(r => r.Id));
    }

    [Fact]
    public async Task Stream_LineLongerThanThePiece_IsRead()
    {
        await WriteAsync($$"""{"id":1,"name":"{{new string('x', 3_000_000)}}"}""" + "\n" + """{"id":2,"name":""}""");
        var read = await ReadAsync(JsonFiles.Stream<Row>(_path), null);
        Assert.Equal([3_000_000, 0], read.Rows.Select(r => r.Name.Length));
    }

    [Theory]
    [InlineData("{\"id\":1,\"name\":\"a\"}\n{\"id\":2,", "Line 2")]
    [InlineData("{\"id\":\"x\",\"name\":\"a\"}", "Line 1")]
    [InlineData("\n\n{\"id\":1}", "Line 3")]
    [InlineData("{\"id\":1,\"name\":null}", "Line 1")]
    [InlineData("null", "Line 1")]
    public async Task Stream_BadLine_IsNamed(string text, string line)
    {
        await WriteAsync(text);
        var bad = await Assert.ThrowsAsync<BadDataException>(() => ReadAsync(JsonFiles.Stream<Row>(_path), null));
        Assert.StartsWith($"{line} of {_path}", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_FileBecameShorter_IsRefused()
    {
        await WriteAsync("{\"id\":1,\"name\":\"a\"}\n");
        var position = (await ReadAsync(JsonFiles.Stream<Row>(_path), null)).Positions[^1].Position;
        await WriteAsync("");
        await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(JsonFiles.Stream<Row>(_path), position));
    }

    [Fact]
    public void Changes_Row_BecomeMembersWithTimeAndDiff()
    {
        using var output = new OutputBuffer();
        new JsonChangeFormatter<Row>("out").Format(new Row(1, "one"), -2, new Epoch(7), output);
        new JsonChangeFormatter<string>("out").Format("text", 1, new Epoch(8), output);
        ReadOnlySpan<byte> bytes = output.Bytes.Span;
        Assert.Equal("""{"id":1,"name":"one","time":7,"diff":-2}""", System.Text.Encoding.UTF8.GetString(OutputBuffer.Read(ref bytes, output.Destinations).Value));
        Assert.Equal("""{"row":"text","time":8,"diff":1}""", System.Text.Encoding.UTF8.GetString(OutputBuffer.Read(ref bytes, output.Destinations).Value));
        Assert.Contains("'time'", Assert.Throws<ConfigurationException>(() => new JsonChangeFormatter<Timed>("out")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyedSink_OneFolder_SharesOneTarget()
    {
        var (one, two) = (JsonFiles.KeyedSink<int, Row>("out/a.jsonl"), JsonFiles.KeyedSink<int, Row>("out/b.jsonl"));
        Assert.Equal(one.Target, two.Target);
        Assert.NotEqual(one.Target, JsonFiles.KeyedSink<int, Row>("other/a.jsonl").Target);
        Assert.Equal(["a.jsonl"], one.Destinations);
    }

    private static async Task<ReadResult<TRow>> ReadAsync<TRow>(ISource<TRow> source, Position? resume)
    {
        var queue = new Queue<TRow>();
        await using var reader = source.Origin.Open([source]);
        await reader.RunAsync(new SourceContext { Resume = resume, Input = queue, PipelineName = "test", Logger = NullLogger.Instance }, TestContext.Current.CancellationToken);
        return new(queue.Rows, queue.Slices, queue.Positions);
    }

    private Task WriteAsync(string text) => File.WriteAllTextAsync(_path, text);

    private sealed record Row(int Id, string Name);

    private sealed record Timed(int Time);

    private sealed record ReadResult<TRow>(List<TRow> Rows, List<IRowBuffer> Slices, List<(Position Position, int Count)> Positions);

    private sealed class Queue<TRow> : IInputQueue
    {
        public List<TRow> Rows { get; } = [];

        public List<IRowBuffer> Slices { get; } = [];

        public List<(Position Position, int Count)> Positions { get; } = [];

        public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
        {
            var rows = (RowBuffer<TRow>)slice.Rows[0].Rows;
            Rows.AddRange(rows.Rows);
            Slices.Add(rows);
            Positions.Add((slice.Position, Rows.Count));
            return ValueTask.CompletedTask;
        }

        public Task CommitAsync(Position position, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
