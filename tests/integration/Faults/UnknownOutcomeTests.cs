using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Connections that are cut between a request and its answer, so that nobody knows what became of it (I9): the whole tool goes on exactly.</summary>
[Trait("suite", "kill")]
public sealed class UnknownOutcomeTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    private const int Produce = 0, InitProducerId = 22, EndTransaction = 26;

    /// <summary>What is lost: the answer (the broker did it), the request (it didn't), or the connection at the moment of sending (either).</summary>
    private enum Loss
    {
        Answer,
        Request,
        Connection,
    }

    [Fact]
    public async Task Sync_KafkaCutAroundTheEndOfTransactions_DeliversEveryChangeOnce()
    {
        await Kafka.StartAsync();
        await using var proxy = Kafka.OpenProxy();
        await using var scene = await StreamingSceneAsync(proxy.Endpoint);
        await using var sync = await scene.Sync.StartStreamingAsync();
        (int Request, Loss Loss)[] rounds =
        [
            (EndTransaction, Loss.Answer), (EndTransaction, Loss.Connection), (Produce, Loss.Answer), (EndTransaction, Loss.Answer), (Produce, Loss.Connection),
            (EndTransaction, Loss.Request), (InitProducerId, Loss.Answer), // what was cut before leads to a new producer
            (EndTransaction, Loss.Answer),
        ];
        await WhileWritingAsync(scene, async () =>
        {
            foreach (var (request, loss) in rounds)
            {
                var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                proxy.OnPiece = CutOnce(request, loss, cut);
                await cut.Task.WaitAsync(TimeSpan.FromSeconds(60));
                Output.WriteLine($"{loss} of request {request} lost");
            }
        });
        proxy.OnPiece = null;
        await FinishAndCompareAsync(scene, sync);
    }

    [Fact]
    public async Task Sync_PostgresCutAgainAndAgain_DeliversEveryChangeOnce()
    {
        await Postgres.StartAsync();
        await using var proxy = new TcpProxy(Postgres.Port);
        await using var scene = await StreamingSceneAsync();
        scene.Sync.ThroughPort(Postgres.Port, proxy.Port);
        await using var sync = await scene.Sync.StartStreamingAsync();
        var random = new Random(scene.Seed);
        await WhileWritingAsync(scene, async () =>
        {
            for (var round = 0; round < 8; round++)
            {
                // Anywhere: in the login, in the checks of a resume, in the middle of a transaction.
                var (direction, bytes) = (random.Next(3) == 0 ? ProxyDirection.ToServer : ProxyDirection.ToClient, random.Next(200, 20_000));
                var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                long passed = 0;
                proxy.OnPiece = piece =>
                {
                    if (piece.Direction != direction || Interlocked.Add(ref passed, piece.Bytes.Length) < bytes) return ValueTask.FromResult(ProxyVerdict.Forward);
                    cut.TrySetResult();
                    proxy.OnPiece = null;
                    return ValueTask.FromResult(ProxyVerdict.Cut);
                };
                await Task.WhenAny(cut.Task, Task.Delay(TimeSpan.FromSeconds(2))); // little goes to the server: then all of them at once
                proxy.OnPiece = null;
                if (!cut.Task.IsCompleted) proxy.CutAll();
                Output.WriteLine($"round {round}: {(cut.Task.IsCompleted ? $"cut after {bytes} bytes {direction}" : "all cut")}");
            }
        });
        await FinishAndCompareAsync(scene, sync);
    }

    private static Func<ProxyPiece, ValueTask<ProxyVerdict>> CutOnce(int request, Loss loss, TaskCompletionSource cut)
    {
        (int Connection, int Correlation)? awaited = null;
        var gate = new Lock();
        return piece =>
        {
            lock (gate)
            {
                if (cut.Task.IsCompleted) return ValueTask.FromResult(ProxyVerdict.Forward);
                if (awaited is null && piece.KafkaRequestKind == request)
                {
                    if (loss != Loss.Answer)
                    {
                        cut.TrySetResult();
                        return ValueTask.FromResult(loss == Loss.Request ? ProxyVerdict.Cut : ProxyVerdict.ForwardAndCut);
                    }

                    awaited = (piece.Connection, piece.KafkaCorrelation);
                }
                else if (piece.Direction == ProxyDirection.ToClient && awaited == (piece.Connection, piece.KafkaCorrelation))
                {
                    cut.TrySetResult();
                    return ValueTask.FromResult(ProxyVerdict.Cut);
                }

                return ValueTask.FromResult(ProxyVerdict.Forward);
            }
        };
    }
}
