using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>What tests of a running sync share: a shop in a database of its own, an independent reading of it, and the comparison at the end.</summary>
public abstract class SyncTest(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output)
{
    private protected PostgresServer Postgres => postgres;

    private protected KafkaServer Kafka => kafka;

    private protected ITestOutputHelper Output => output;

    private protected static readonly string[] Tables = ["public.customers", "public.orders"];

    /// <summary>A shop, a sync that has streamed once and stopped, and an oracle that sees every change from here on.</summary>
    private protected async Task<Scene> StreamingSceneAsync(string? bootstrapServers = null, string? more = null)
    {
        var seed = Seed.OfThisRun(output);
        await postgres.StartAsync();
        await kafka.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        var shop = new Shop(database.ConnectionString, seed);
        await shop.CreateAsync();
        var sync = new SyncRun(database, bootstrapServers ?? kafka.BootstrapServers, initialLoad: false, more: more);
        await using (var first = await sync.StartStreamingAsync()) Assert.Equal(0, await first.TerminateAsync());
        var oracle = new TestDecoding(database.ConnectionString, "oracle_" + database.Name);
        await oracle.CreateAsync();
        return new Scene(seed, database, shop, sync, oracle);
    }

    /// <summary>Writes random transactions while <paramref name="act"/> runs.</summary>
    private protected static async Task WhileWritingAsync(Scene scene, Func<Task> act)
    {
        using var writing = new CancellationTokenSource();
        var writer = scene.Shop.WriteAsync(writing.Token);
        try
        {
            await act();
        }
        finally
        {
            await writing.CancelAsync();
            await writer;
        }
    }

    /// <summary>Writes a number of random transactions.</summary>
    private protected static async Task WriteAsync(Scene scene, int transactions)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(scene.Database.ConnectionString);
        await using var session = await source.OpenConnectionAsync();
        for (var i = 0; i < transactions; i++) await scene.Shop.TransactionAsync(session);
    }

    /// <summary>Waits until every change has arrived, stops the sync, and compares what a read_committed consumer sees with the independent reading.</summary>
    private protected async Task FinishAndCompareAsync(Scene scene, PathwayProcess running)
    {
        var expected = ChangeLog.Expected(await scene.Oracle.ReadAsync(), scene.Sync.Prefix);
        await ArrivedAsync(scene, expected.Values.Sum(e => e.Count), running);
        var exit = await running.TerminateAsync();
        Assert.True(exit == 0, running.Everything);
        await CompareAsync(scene, expected);
    }

    private protected async Task CompareAsync(Scene scene, Dictionary<string, List<string>> expected) =>
        ChangeLog.AssertEqual(expected, await ChangeLog.FoundAsync(kafka, scene.Sync.Prefix, Tables), $"PATHWAY_SEED={scene.Seed}");

    private protected async Task ArrivedAsync(Scene scene, int events, PathwayProcess running)
    {
        try
        {
            await Eventually.TrueAsync(
                async () => (await ChangeLog.FoundAsync(kafka, scene.Sync.Prefix, Tables)).Values.Sum(e => e.Count) >= events, $"{events} events arrived", TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{running.Everything}", e);
        }
    }

    /// <summary>Everything a test works with.</summary>
    internal sealed record Scene(int Seed, TestDatabase Database, Shop Shop, SyncRun Sync, TestDecoding Oracle) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }
}
