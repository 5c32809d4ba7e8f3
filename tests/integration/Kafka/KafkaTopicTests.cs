using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Core;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>Topics: created or demanded, their limits, where keys go, the progress topic; and what a check finds.</summary>
[Trait("suite", "integration")]
public sealed class KafkaTopicTests(KafkaServer kafka) : IAsyncLifetime
{
    private readonly string _pipeline = $"topics-{Guid.NewGuid():N}"[..18];
    private readonly List<ITarget> _opened = [];
    private ulong _commit;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Topic => $"{_pipeline}.rows";

    private KafkaOptions Options => new() { BootstrapServers = kafka.BootstrapServers };

    public async ValueTask InitializeAsync() => await kafka.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _opened) await target.DisposeAsync();
    }

    [Fact]
    public async Task Claim_TopicOfMustExistMissing_IsRefusedBeforeAnythingIsWritten()
    {
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => Open(Options with { Topics = TopicCreation.MustExist }, Topic).ClaimAsync(null, Stop).AsTask());
        Assert.Contains(Topic, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Topic, await kafka.ListTopicsAsync());
    }

    [Fact]
    public async Task Deliver_LaterTopicOfMustExistMissing_IsRefused()
    {
        await kafka.CreateTopicAsync(Topic);
        var target = Open(Options with { Topics = TopicCreation.MustExist }, Topic);
        await target.ClaimAsync(null, Stop);
        await Assert.ThrowsAsync<RefusalException>(() => DeliverAsync(target, new TestRow(Topic, "1", "one"), new TestRow($"{Topic}.later", "1", "one")));
        Assert.Empty(await kafka.ConsumeAllAsync(Topic));
        Assert.Null(await target.ClaimAsync(null, Stop));
        await DeliverAsync(target, new TestRow(Topic, "1", "one"));
        Assert.Single(await kafka.ConsumeAllAsync(Topic));
    }

    [Fact]
    public async Task Deliver_Keys_GoWhereTheJavaClientPutsThem()
    {
        var target = Open(Options with { Partitions = 7 }, Topic);
        await target.ClaimAsync(null, Stop);
        var rows = Enumerable.Range(0, 500).Select(i => new TestRow(Topic, $"{{\"id\":{i}}}", $"{i}")).ToArray();
        await DeliverAsync(target, rows);
        var found = await kafka.ConsumeAllAsync(Topic);
        Assert.Equal(rows.Length, found.Count);
        Assert.All(found, r => Assert.Equal((Murmur2(r.Key!) & 0x7fffffff) % 7, r.Partition));
    }

    [Fact]
    public async Task Deliver_TopicOfSmallRecords_GetsBatchesThatFit()
    {
        await kafka.CreateTopicAsync(Topic, configs: new() { ["max.message.bytes"] = "20000" });
        // Not known beforehand, so that the producer was made for larger batches.
        var target = Open(Options with { Client = new Dictionary<string, string> { ["compression.type"] = "none" } });
        await target.ClaimAsync(null, Stop);
        var rows = Enumerable.Range(0, 2000).Select(i => new TestRow(Topic, $"{i}", new string('x', 1000))).ToArray();
        var again = await Assert.ThrowsAsync<ConnectorException>(() => DeliverAsync(target, rows));
        Assert.True(again.IsTransient);
        Assert.Null(await target.ClaimAsync(null, Stop));
        await DeliverAsync(target, rows);
        Assert.Equal(rows.Length, (await kafka.ConsumeAllAsync(Topic)).Count);
        await Assert.ThrowsAsync<BadDataException>(() => DeliverAsync(target, new TestRow(Topic, "large", new string('x', 20_000))));
    }

    [Fact]
    public async Task Deliver_QueueSmallerThanTheBatch_WaitsAndLosesNothing()
    {
        var target = Open(Options with { Client = new Dictionary<string, string> { ["queue.buffering.max.messages"] = "1000" } }, Topic);
        await target.ClaimAsync(null, Stop);
        var rows = Enumerable.Range(0, 50_000).Select(i => new TestRow(Topic, $"{i}", $"{i}")).ToArray();
        await DeliverAsync(target, rows);
        Assert.Equal(rows.Length, (await kafka.ConsumeAllAsync(Topic)).Select(r => r.KeyText).Distinct().Count());
    }

    [Fact]
    public async Task Deliver_Headers_Arrive()
    {
        var target = Open(Options, Topic);
        await target.ClaimAsync(null, Stop);
        using var output = new OutputBuffer();
        output.BeginRow(output.Destination(Topic));
        output.BeginValue();
        output.GetSpan(1)[0] = (byte)'v';
        output.Advance(1);
        output.AddHeader("a"u8, "1"u8);
        output.AddHeader("b"u8, ""u8);
        output.EndRow();
        await target.DeliverAsync(new BufferBatch(output, NextMarker()), Stop);
        var record = Assert.Single(await kafka.ConsumeAllAsync(Topic));
        Assert.Null(record.Key);
        Assert.Equal(["a=1", "b="], record.Headers.Select(h => $"{h.Name}={Encoding.UTF8.GetString(h.Value!)}"));
    }

    [Fact]
    public async Task Claim_ProgressTopicThatDeletes_IsRefused()
    {
        await kafka.CreateTopicAsync($"__pathway.{_pipeline}", configs: new() { ["cleanup.policy"] = "delete" });
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => Open(Options, Topic).ClaimAsync(null, Stop).AsTask());
        Assert.Contains("cleanup.policy=delete", refusal.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_FirstTime_CreatesCompactedProgressTopic()
    {
        await Open(Options, Topic).ClaimAsync(null, Stop);
        using var admin = kafka.Admin();
        var configs = (await admin.DescribeConfigsAsync([new() { Name = $"__pathway.{_pipeline}", Type = Confluent.Kafka.Admin.ResourceType.Topic }]))[0].Entries;
        Assert.Equal(("compact", "1048576"), (configs["cleanup.policy"].Value, configs["segment.bytes"].Value));
        Assert.Single(admin.GetMetadata($"__pathway.{_pipeline}", TimeSpan.FromSeconds(20)).Topics[0].Partitions);
        Assert.Equal(3, admin.GetMetadata(Topic, TimeSpan.FromSeconds(20)).Topics[0].Partitions.Count);
    }

    /// <summary>The hint where to begin may lie behind what the topic holds, or before what compaction has left: the marker is found all the same.</summary>
    [Theory]
    [InlineData("999999")]
    [InlineData("1")]
    [InlineData("0")]
    [InlineData("no number")]
    public async Task ReadMarker_AnyHint_FindsTheLast(string note)
    {
        var target = Open(Options, Topic);
        await target.ClaimAsync(null, Stop);
        await DeliverAsync(target, new TestRow(Topic, "1", "one"));
        var delivered = await DeliverAsync(target, new TestRow(Topic, "2", "two"));
        Assert.Equal(delivered.Marker, await target.ReadMarkerAsync(delivered with { Note = note }, Stop));
        Assert.Equal(delivered.Marker, await Open(Options, Topic).ClaimAsync(delivered with { Note = note }, Stop));
    }

    [Fact]
    public async Task Claim_TwoTargetsOfOnePipeline_KeepTheirOwnMarkers()
    {
        var (one, two) = (Open(Options, Topic), Open(Options with { Name = "other" }, Topic));
        await one.ClaimAsync(null, Stop);
        await two.ClaimAsync(null, Stop);
        var delivered = await DeliverAsync(one, new TestRow(Topic, "1", "one"));
        Assert.Null(await two.ClaimAsync(null, Stop));
        Assert.Equal(delivered.Marker, await one.ReadMarkerAsync(null, Stop));
    }

    [Fact]
    public async Task Claim_BrokerAllowsOnlyShorterTransactions_SaysWhichSettings()
    {
        await using var strict = KafkaServer.With(new Dictionary<string, string> { ["transaction.max.timeout.ms"] = "5000" });
        await strict.StartAsync();
        var wrong = await Assert.ThrowsAsync<ConfigurationException>(() => Open(Options with { BootstrapServers = strict.BootstrapServers }, Topic).ClaimAsync(null, Stop).AsTask());
        Assert.Contains("transaction.max.timeout.ms", wrong.Message, StringComparison.Ordinal);
        var right = Open(Options with { BootstrapServers = strict.BootstrapServers, Limits = new(Time: TimeSpan.FromSeconds(2)), Client = new Dictionary<string, string> { ["transaction.timeout.ms"] = "4000" } }, Topic);
        Assert.Null(await right.ClaimAsync(null, Stop));
    }

    [Fact]
    public async Task Check_ClusterTopicsAndProgress_FindsEachProblemAndChangesNothing()
    {
        Assert.Empty(await KafkaCheck.FindProblemsAsync(Options, _pipeline, [Topic], Stop));
        Assert.DoesNotContain(await kafka.ListTopicsAsync(), t => t.Contains(_pipeline, StringComparison.Ordinal));
        Assert.Contains("must-exist", Assert.Single(await KafkaCheck.FindProblemsAsync(Options with { Topics = TopicCreation.MustExist }, _pipeline, [Topic], Stop)), StringComparison.Ordinal);
        Assert.Contains("can't be the name", Assert.Single(await KafkaCheck.FindProblemsAsync(Options, _pipeline, ["shop.öl"], Stop)), StringComparison.Ordinal);
        Assert.Contains("No Kafka broker answers", Assert.Single(await KafkaCheck.FindProblemsAsync(Options with { BootstrapServers = $"127.0.0.1:{FreePort.Next()}" }, _pipeline, [Topic], Stop)), StringComparison.Ordinal);
        Assert.Contains("acks", Assert.Single(await KafkaCheck.FindProblemsAsync(Options with { Client = new Dictionary<string, string> { ["acks"] = "1" } }, _pipeline, [Topic], Stop)), StringComparison.Ordinal);
    }

    /// <summary>Kafka's own hash, as its Java client computes it.</summary>
    private static int Murmur2(byte[] data)
    {
        const int m = 0x5bd1e995;
        var h = unchecked((int)0x9747b28c) ^ data.Length;
        var whole = data.Length & ~3;
        unchecked
        {
            for (var i = 0; i < whole; i += 4)
            {
                var k = BitConverter.ToInt32(data, i) * m;
                h = (h * m) ^ ((k ^ (k >>> 24)) * m);
            }

            for (var i = data.Length - 1; i >= whole; i--) h ^= data[i] << (8 * (i - whole));
            if (whole < data.Length) h *= m;
            h = (h ^ (h >>> 13)) * m;
            return h ^ (h >>> 15);
        }
    }

    private async Task<DeliveredMarker> DeliverAsync(ITarget target, params TestRow[] rows) => await target.DeliverAsync(new TestBatch(rows, NextMarker()), Stop);

    private Marker NextMarker() => new(new PipelineId(Guid.Empty), new Incarnation(Guid.Empty), "kafka", new CommitNumber(++_commit), 1, IsWhole: true, Frontier.Empty);

    private ITarget Open(KafkaOptions options, params string[] topics)
    {
        var target = Pathway.Connectors.Kafka.Kafka.Target(options).Open(new TargetContext(_pipeline, new PipelineId(Guid.Empty), topics, NullLogger.Instance, TimeProvider.System));
        _opened.Add(target);
        return target;
    }

    private sealed class BufferBatch(OutputBuffer output, Marker marker) : IDeliveryBatch
    {
        private int _at;

        public Marker Marker => marker;

        public bool TryRead(out OutputRow row)
        {
            row = default;
            var rest = output.Bytes.Span[_at..];
            if (rest.IsEmpty) return false;
            row = OutputBuffer.Read(ref rest, output.Destinations);
            _at = output.Bytes.Length - rest.Length;
            return true;
        }

        public void Stop() => throw new InvalidOperationException();
    }
}
