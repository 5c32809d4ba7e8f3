using System.Globalization;
using Npgsql;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Transactions that the server streams before their end, several at the same time, with parts and wholes that are rolled back, and kills: what arrives is what was committed, in its order.</summary>
[Trait("suite", "kill")]
public sealed class StreamedTransactionTests(KafkaServer kafka, ITestOutputHelper output)
    : SyncTest(PostgresServer.With(new Dictionary<string, string> { ["logical_decoding_work_mem"] = "64kB" }), kafka, output), IAsyncDisposable
{
    [Fact]
    public async Task Stream_LargeTransactionsAtTheSameTimeWithRollbacksAndKills_IsExact()
    {
        await using var scene = await StreamingSceneAsync();
        var random = new Random(scene.Seed);
        await using (var killed = await scene.Sync.StartStreamingAsync($"{FailPoints.CommitBeforeLogSync}=kill@{random.Next(1, 4)}"))
        {
            await WhileWritingAsync(scene, () => Task.WhenAll(Enumerable.Range(1, 3).Select(writer => WriteLargeAsync(scene, writer, new Random(random.Next())))));
            Assert.Equal(137, await killed.WaitForExitAsync());
        }

        await using var sync = await scene.Sync.StartStreamingAsync();
        await WhileWritingAsync(scene, () => Task.WhenAll(Enumerable.Range(4, 2).Select(writer => WriteLargeAsync(scene, writer, new Random(random.Next())))));
        await FinishAndCompareAsync(scene, sync);
        var slot = await scene.Database.ScalarAsync<string>("select slot_name::text from pg_replication_slots where plugin = 'pgoutput' and database = current_database()");
        Assert.True(await scene.Database.ScalarAsync<long>($"select stream_txns from pg_stat_replication_slots where slot_name = '{slot}'") > 0, "nothing was streamed");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(scene.Sync.State, "scratch")));
    }

    public async ValueTask DisposeAsync() => await Postgres.DisposeAsync();

    // A range of keys of its own, so that writers don't wait for one another.
    private static async Task WriteLargeAsync(Scene scene, int writer, Random random)
    {
        await using var session = new NpgsqlConnection(scene.Database.ConnectionString);
        await session.OpenAsync();
        var next = 1_000_000 * writer;
        for (var transaction = 0; transaction < 3; transaction++)
        {
            await ExecuteAsync(session, "BEGIN");
            for (var part = 0; part < 8; part++)
            {
                await ExecuteAsync(session, "SAVEPOINT s");
                await ExecuteAsync(session, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO orders SELECT g, 1, g, 'large', repeat('x', 50) FROM generate_series({next}, {next + 299}) g; UPDATE orders SET amount = amount + 1 WHERE id BETWEEN {next} AND {next + 40}"));
                await ExecuteAsync(session, random.Next(3) == 0 ? "ROLLBACK TO SAVEPOINT s" : "RELEASE SAVEPOINT s");
                next += 300;
            }

            await ExecuteAsync(session, random.Next(4) == 0 ? "ROLLBACK" : "COMMIT");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
