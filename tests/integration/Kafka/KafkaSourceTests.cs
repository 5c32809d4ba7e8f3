using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Core;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;
using KafkaTopics = Pathway.Connectors.Kafka.Kafka;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>What a topic as a source has of its own: transactions, partitions, beginnings, refusals, metadata.</summary>
[Trait("suite", "integration")]
public sealed class KafkaSourceTests(KafkaServer kafka) : IAsyncLifetime
{
    private readonly TestTopic _topic = new(kafka, partitions: 2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private KafkaSourceOptions Options => new() { BootstrapServers = kafka.BootstrapServers, LookEvery = TimeSpan.FromMilliseconds(200) };

    private KafkaSourceOptions Bounded => Options with { Until = KafkaEnd.AtPresentEnd };

    public async ValueTask InitializeAsync() => await _topic.CreateAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_Transactions_GivesTheCommittedOnes(bool nativeBatches)
    {
        using (var aborted = _topic.BeginTransaction("aborted")) aborted.AbortTransaction();
        using (var committed = _topic.BeginTransaction("committed")) committed.CommitTransaction();
        using var open = _topic.BeginTransaction("open");
        var queue = new TestQueue<string>();
        await using var reader = Read(Text(Bounded with { NativeBatches = nativeBatches }), queue, null, out var running);
        await queue.HasAsync(1, running);
        Assert.False(running.IsCompleted); // the end lies behind the open transaction
        open.CommitTransaction();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(["committed", "open"], queue.Rows);
        Assert.Empty((await ReadAsync(Bounded, queue.Positions[^1].Position)).Rows);
    }

    [Fact]
    public async Task Read_NewPartitions_FromTheirBeginning()
    {
        _topic.Write(null, "old");
        var queue = new TestQueue<string>();
        await using var reader = Read(Text(Options with { Start = KafkaStart.Latest }), queue, null, out var running);
        await Eventually.TrueAsync(() => Task.FromResult(queue.Positions.Count > 0), "the beginning is durable");
        _topic.Write(null, "first");
        await queue.HasAsync(1, running);
        await _topic.AddPartitionsAsync(4);
        _topic.Write(null, "second", partition: 3);
        await queue.HasAsync(2, running);
        Assert.Equal(["first", "second"], queue.Rows);
    }

    [Fact]
    public async Task Start_AtTime_BeginsThereInEachPartition()
    {
        var noon = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        _topic.Write(null, "before", 0, noon.AddSeconds(-1));
        _topic.Write(null, "at", 0, noon);
        _topic.Write(null, "long before", 1, noon.AddHours(-1));
        Assert.Equal(["at"], (await ReadAsync(Bounded with { Start = KafkaStart.At(noon) }, null)).Rows);
    }

    [Fact]
    public async Task Start_Latest_IsDurableBeforeAnythingIsRead()
    {
        _topic.Write(null, "old");
        var first = await ReadAsync(Bounded with { Start = KafkaStart.Latest }, null);
        Assert.Empty(first.Rows);
        _topic.Write(null, "new");
        Assert.Equal(["new"], (await ReadAsync(Bounded with { Start = KafkaStart.Latest }, first.Positions[0].Position)).Rows);
    }

    [Fact]
    public async Task Resume_TopicMadeAnew_IsRefused()
    {
        _topic.Write(null, "one");
        var position = (await ReadAsync(Bounded, null)).Positions[^1].Position;
        await _topic.RecreateAsync();
        _topic.Append(["two", "three", "four", "five"]);
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(Bounded, position));
        Assert.Contains("made anew", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_TopicMadeAnewMeanwhile_IsRefused()
    {
        _topic.Write(null, "one");
        var queue = new TestQueue<string>();
        await using var reader = Read(Text(Options), queue, null, out var running);
        await queue.HasAsync(1, running);
        await _topic.RecreateAsync();
        await Assert.ThrowsAsync<RefusalException>(() => running.WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task Resume_RecordsDeletedBeforeRead_IsRefusedUnlessSkipped()
    {
        _topic.Write(null, "0");
        var position = (await ReadAsync(Bounded, null)).Positions[^1].Position;
        foreach (var value in (string[])["1", "2", "3"]) _topic.Write(null, value);
        await _topic.DeleteRecordsAsync(0, before: 3);
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(Bounded, position));
        Assert.Contains("retention", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["3"], (await ReadAsync(Bounded with { OnLostRecords = LostRecords.Skip }, position)).Rows);
    }

    [Fact]
    public async Task Read_MissingTopic_IsNamed()
    {
        var source = KafkaTopics.Stream("no-such-topic", Bounded, Parsers.Text);
        await using var reader = Read(source, new TestQueue<string>(), null, out var running);
        Assert.Contains("no-such-topic", (await Assert.ThrowsAsync<ConfigurationException>(() => running)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BadRecord_IsNamedWithPlaceAndMember()
    {
        _topic.Write(null, """{"id":1,"name":"one"}""");
        _topic.Write(null, """{"id":"x","name":"one"}""");
        await using var reader = Read(KafkaTopics.Stream<Row>(_topic.Name, Bounded), new TestQueue<Row>(), null, out var running);
        var bad = await Assert.ThrowsAsync<BadDataException>(() => running);
        Assert.Contains($"{_topic.Name}, partition 0, offset 1", bad.Message, StringComparison.Ordinal);
        Assert.Contains("$.id", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_UpsertsAndTombstones_InOrder()
    {
        _topic.Write("1", """{"id":1,"name":"one"}""");
        _topic.Write("1", null);
        _topic.Write("2", """{"id":2,"name":"two"}""");
        var queue = new TestQueue<Upsert<int, Row>>();
        await using var reader = Read(KafkaTopics.Table<int, Row>(_topic.Name, Bounded), queue, null, out var running);
        await running;
        Assert.Equal([(1, "one"), (1, null), (2, "two")], queue.Rows.Select(u => (u.Key, u.Row?.Name)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_Metadata_IsTheRecords(bool nativeBatches)
    {
        var time = new DateTime(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);
        _topic.Write("key", "value", 1, time, new Headers { { "a", "1"u8.ToArray() }, { "none", null }, { "a", "2"u8.ToArray() } });
        var source = KafkaTopics.Stream(_topic.Name, Bounded with { NativeBatches = nativeBatches }, Describe, Parsers.Text);
        var queue = new TestQueue<string>();
        await using var reader = Read(source, queue, null, out var running);
        await running;
        Assert.Equal([$"{_topic.Name}/1/0 {time:O} key=value a:1 none: a:2"], queue.Rows);
    }

    private static string Describe(string value, in SourceRecord record) =>
        $"{record.Topic}/{record.Partition}/{record.Offset} {record.Time!.Value.UtcDateTime:O} {Encoding.UTF8.GetString(record.Key)}={value} "
        + string.Join(' ', record.Headers.Select(h => $"{h.Key}:{(h.Value is null ? "" : Encoding.UTF8.GetString(h.Value))}"));

    private ISource<string> Text(KafkaSourceOptions options) => KafkaTopics.Stream(_topic.Name, options, Parsers.Text);

    [Fact]
    public async Task Read_Again_GivesWhatWasRead_AndRefusesWhatIsGone()
    {
        using (var aborted = _topic.BeginTransaction("aborted")) aborted.AbortTransaction();
        _topic.Write(null, "first");
        using (var committed = _topic.BeginTransaction("committed")) committed.CommitTransaction();
        _topic.Write(null, "other", partition: 1);
        var read = await ReadAsync(Bounded, null);
        _topic.Write(null, "later");
        _topic.Write(null, "later", partition: 1);
        var until = read.Positions[^1].Position;
        Assert.Equal(read.Rows.Order(StringComparer.Ordinal), (await AgainAsync(until)).Order(StringComparer.Ordinal));
        Assert.Equal(["first", "committed"], (await AgainAsync(until)).Where(row => row != "other"));

        await _topic.SetPolicyAsync("compact");
        Assert.Contains("cleanup.policy=compact", (await Assert.ThrowsAsync<RefusalException>(() => AgainAsync(until))).Message, StringComparison.Ordinal);
        await _topic.SetPolicyAsync("delete");
        await _topic.DeleteRecordsAsync(0, before: 1);
        Assert.Contains("all records from offset 0 on", (await Assert.ThrowsAsync<RefusalException>(() => AgainAsync(until))).Message, StringComparison.Ordinal);
    }

    private async Task<List<string>> AgainAsync(Position until)
    {
        var (queue, source) = (new TestQueue<string> { EndsAt = until }, Text(Options));
        Assert.Null(((IKeptOrigin)source.Origin).WhyNotAgain(null, until));
        await using var reader = source.Origin.Open([source]);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = reader.RunAsync(new SourceContext { Resume = null, Stops = [until], Input = queue, PipelineName = "source-tests", Logger = NullLogger.Instance }, ending.Token);
        await queue.IsAtEndAsync(running).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await ending.CancelAsync();
        await SourceCompliance<string>.EndsAsync(running);
        return [.. queue.Rows];
    }

    private async Task<ReadRows<string>> ReadAsync(KafkaSourceOptions options, Position? resume)
    {
        var queue = new TestQueue<string>();
        await using var reader = Read(Text(options), queue, resume, out var running);
        await running;
        return new(queue.Rows, queue.Positions);
    }

    private static ISourceReader Read<TRow>(ISource<TRow> source, TestQueue<TRow> queue, Position? resume, out Task running)
    {
        var reader = source.Origin.Open([source]);
        running = reader.RunAsync(new SourceContext { Resume = resume, Input = queue, PipelineName = "source-tests", Logger = NullLogger.Instance }, Stop);
        return reader;
    }

    private sealed record Row(int Id, string Name);
}
