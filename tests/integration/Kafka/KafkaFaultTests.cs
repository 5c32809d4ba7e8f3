using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Core;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>What happens to a delivery when the broker, the connection or another producer gets in its way: the marker always tells what holds.</summary>
[Trait("suite", "integration")]
public sealed class KafkaFaultTests(KafkaServer kafka) : IAsyncLifetime
{
    private const int EndTransaction = 26;
    private readonly string _pipeline = $"fault-{Guid.NewGuid():N}"[..18];
    private readonly List<ITarget> _opened = [];
    private readonly PipelineId _id = PipelineId.New();
    private readonly Incarnation _incarnation = Incarnation.New();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Topic => $"{_pipeline}.rows";

    public async ValueTask InitializeAsync() => await kafka.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _opened) await target.DisposeAsync();
    }

    [Fact]
    public async Task Deliver_BrokerKilledMidway_FailsAndGoesOnAfterRestart()
    {
        var target = await ClaimAsync(kafka.BootstrapServers);
        await target.DeliverAsync(Batch(1, "1"), Stop);
        var killed = Task.CompletedTask;
        var batch = new TestBatch(Rows("2", "3", "4"), Marker(2)) { BeforeRow = number => killed = number == 2 ? Task.Run(kafka.KillAsync) : killed };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAnyAsync<Exception>(() => target.DeliverAsync(batch, patience.Token).AsTask());
        await killed;
        await kafka.StartAsync();
        await ResolveAsync(target, 1, Rows("2", "3", "4"), Marker(2));
        Assert.Equal(["1", "2", "3", "4"], await VisibleAsync());
    }

    [Fact]
    public async Task Deliver_BrokerRestartedMidway_StaysExact()
    {
        var target = await ClaimAsync(kafka.BootstrapServers);
        var batch = new TestBatch(Rows("1", "2", "3"), Marker(1)) { BeforeRow = number => { if (number == 2) kafka.KillAsync().GetAwaiter().GetResult(); } };
        var delivery = target.DeliverAsync(batch, Stop).AsTask();
        await Task.WhenAny(delivery, Eventually.TrueAsync(() => batch.IsRead, "the batch is read"));
        await kafka.StartAsync();
        try
        {
            await delivery;
        }
        catch (ConnectorException e) when (e.IsTransient)
        {
            await ResolveAsync(target, 0, Rows("1", "2", "3"), Marker(1));
        }

        Assert.Equal(["1", "2", "3"], await VisibleAsync());
        Assert.Equal(Marker(1), await target.ReadMarkerAsync(null, Stop));
    }

    /// <summary>The broker commits, its answer is lost: librdkafka sends the request again, and again.</summary>
    [Fact]
    public async Task Commit_ResponseLost_IsUnknownAndMarkerTellsItHolds()
    {
        await using var proxy = kafka.OpenProxy();
        var target = await ClaimAsync(proxy.Endpoint);
        await target.DeliverAsync(Batch(1, "1"), Stop);
        var ends = 0;
        proxy.OnPiece = CutResponseTo(EndTransaction, () => ends++ == 0);
        var failure = await Assert.ThrowsAsync<ConnectorException>(() => target.DeliverAsync(Batch(2, "2"), Stop).AsTask());
        Assert.True(failure.IsTransient);
        Assert.Equal(Marker(2), await target.ClaimAsync(null, Stop));
        await target.DeliverAsync(Batch(3, "3"), Stop);
        Assert.Equal(["1", "2", "3"], await VisibleAsync());
    }

    /// <summary>The request is lost and nothing comes through any more, until we have given up.</summary>
    [Fact]
    public async Task Commit_RequestLost_IsUnknownAndMarkerTellsItDoesNotHold()
    {
        await using var proxy = kafka.OpenProxy();
        var target = await ClaimAsync(proxy.Endpoint);
        await target.DeliverAsync(Batch(1, "1"), Stop);
        proxy.OnPiece = piece =>
        {
            if (piece.KafkaRequestKind != EndTransaction) return ValueTask.FromResult(ProxyVerdict.Forward);
            proxy.Refuses = proxy.IsBlackHole = true;
            return ValueTask.FromResult(ProxyVerdict.Cut);
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(3));
        var elapsed = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.DeliverAsync(Batch(2, "lost"), patience.Token).AsTask());
        Assert.True(elapsed.Elapsed < TimeSpan.FromSeconds(10), $"gave up after {elapsed.Elapsed}");
        proxy.OnPiece = null;
        proxy.Refuses = proxy.IsBlackHole = false;
        Assert.Equal(Marker(1), await target.ClaimAsync(null, Stop));
        await target.DeliverAsync(Batch(2, "2"), Stop);
        Assert.Equal(["1", "2"], await VisibleAsync());
    }

    /// <summary>A request that was held somewhere reaches the broker when a later transaction of the pipeline is open: the fence has made it void.</summary>
    [Fact]
    public async Task Commit_RequestDelayedIntoALaterTransaction_TearsNothing()
    {
        await using var proxy = kafka.OpenProxy();
        var target = await ClaimAsync(proxy.Endpoint);
        var held = new TaskCompletionSource();
        var seen = new TaskCompletionSource();
        proxy.OnPiece = async piece =>
        {
            if (piece.KafkaRequestKind != EndTransaction || seen.Task.IsCompleted) return ProxyVerdict.Forward;
            seen.SetResult();
            await held.Task;
            return ProxyVerdict.Forward;
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var first = target.DeliverAsync(Batch(1, "first try"), patience.Token).AsTask();
        await seen.Task;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Null(await target.ClaimAsync(null, Stop));
        var batch = new TestBatch(Rows("1", "2", "3"), Marker(1))
        {
            BeforeRow = number =>
            {
                if (number == 2) held.SetResult();
            },
        };
        await target.DeliverAsync(batch, Stop);
        Assert.Equal(["1", "2", "3"], await VisibleAsync());
    }

    [Fact]
    public async Task Claim_ForeignTransactionOpenOnProgressTopic_WaitsForItAndFindsOwnMarker()
    {
        var first = await ClaimAsync(kafka.BootstrapServers);
        await first.DeliverAsync(Batch(1, "1"), Stop);
        // Whoever it is writes to our progress topic and leaves its transaction open: the last stable offset stays before our next marker.
        using var stranger = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = $"stranger-{_pipeline}" }).Build();
        stranger.InitTransactions(TimeSpan.FromSeconds(30));
        stranger.BeginTransaction();
        stranger.Produce($"__pathway.{_pipeline}", new Message<string, string> { Key = "somebody", Value = "else" });
        stranger.Flush(Stop);
        await first.DeliverAsync(Batch(2, "2"), Stop);
        await first.DisposeAsync();
        var second = Open(kafka.BootstrapServers);
        var claim = second.ClaimAsync(null, Stop).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => claim.WaitAsync(TimeSpan.FromSeconds(3), Stop));
        stranger.AbortTransaction();
        Assert.Equal(Marker(2), await claim);
    }

    [Fact]
    public async Task Claim_BrokerAway_EndsSoonAfterItIsCancelled()
    {
        await using var frozen = KafkaServer.With(new Dictionary<string, string>());
        await frozen.StartAsync();
        await frozen.PauseAsync();
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(TimeSpan.FromSeconds(2));
            var elapsed = Stopwatch.StartNew();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Open(frozen.BootstrapServers).ClaimAsync(null, patience.Token).AsTask());
            Assert.True(elapsed.Elapsed < TimeSpan.FromSeconds(6), $"took {elapsed.Elapsed}");
        }
        finally
        {
            await frozen.ResumeAsync();
        }
    }

    [Fact]
    public async Task Claim_NoBroker_IsTransient()
    {
        var failure = await Assert.ThrowsAsync<ConnectorException>(() => Open($"127.0.0.1:{FreePort.Next()}").ClaimAsync(null, Stop).AsTask());
        Assert.True(failure.IsTransient, failure.Message);
    }

    [Fact]
    public async Task Deliver_BrokerFrozenInCommit_StopsWithinSecondsAndMarkerTells()
    {
        var target = await ClaimAsync(kafka.BootstrapServers);
        await target.DeliverAsync(Batch(1, "1"), Stop);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var batch = new TestBatch(Rows("2"), Marker(2)) { BeforeRow = number => { if (number == 1) kafka.PauseAsync().GetAwaiter().GetResult(); } };
        var delivery = target.DeliverAsync(batch, patience.Token).AsTask();
        try
        {
            await Eventually.TrueAsync(() => batch.IsRead, "the batch is read");
            patience.CancelAfter(TimeSpan.FromSeconds(1));
            var elapsed = Stopwatch.StartNew();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivery);
            Assert.True(elapsed.Elapsed < TimeSpan.FromSeconds(7), $"took {elapsed.Elapsed}");
        }
        finally
        {
            await kafka.ResumeAsync();
        }

        await ResolveAsync(target, 1, Rows("2"), Marker(2));
        Assert.Equal(["1", "2"], await VisibleAsync());
    }

    private static Func<ProxyPiece, ValueTask<ProxyVerdict>> CutResponseTo(int request, Func<bool> applies)
    {
        var awaited = new HashSet<(int, int)>();
        return piece =>
        {
            lock (awaited)
            {
                if (piece.KafkaRequestKind == request && applies()) awaited.Add((piece.Connection, piece.KafkaCorrelation));
                return ValueTask.FromResult(piece.Direction == ProxyDirection.ToClient && awaited.Remove((piece.Connection, piece.KafkaCorrelation)) ? ProxyVerdict.Cut : ProxyVerdict.Forward);
            }
        };
    }

    /// <summary>What a pipeline does when a delivery failed: claims, and delivers again unless the marker says it holds.</summary>
    private static async Task ResolveAsync(ITarget target, ulong before, TestRow[] rows, Marker marker)
    {
        while (true)
        {
            try
            {
                var found = await target.ClaimAsync(null, Stop);
                Assert.Equal(before == 0 && found is null ? null : found!.Equals(marker) ? marker.Commit : new CommitNumber(before), found?.Commit);
                if (!marker.Equals(found)) await target.DeliverAsync(new TestBatch(rows, marker), Stop);
                return;
            }
            catch (ConnectorException e) when (e.IsTransient)
            {
                await Task.Delay(100, Stop);
            }
        }
    }

    private async Task<string?[]> VisibleAsync() => [.. (await kafka.ConsumeAllAsync(Topic)).OrderBy(r => r.ValueText).Select(r => r.ValueText)];

    private TestRow[] Rows(params string[] values) => [.. values.Select(v => new TestRow(Topic, v, v))];

    private TestBatch Batch(ulong commit, params string[] values) => new(Rows(values), Marker(commit));

    private Marker Marker(ulong commit) => new(_id, _incarnation, "kafka", new CommitNumber(commit), 1, IsWhole: true, Frontier.Empty);

    private async Task<ITarget> ClaimAsync(string servers)
    {
        var target = Open(servers);
        await target.ClaimAsync(null, Stop);
        return target;
    }

    private ITarget Open(string servers)
    {
        var target = Pathway.Connectors.Kafka.Kafka.Target(new KafkaOptions { BootstrapServers = servers })
            .Open(new TargetContext(_pipeline, _id, [Topic], NullLogger.Instance, TimeProvider.System));
        _opened.Add(target);
        return target;
    }
}
