using System.Diagnostics;
using Npgsql;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>What a sync costs the server that it reads: the alarm before a slot is given up, and the rate of its load.</summary>
[Trait("suite", "integration")]
public sealed class SlotCostTests(PostgresServer postgres, KafkaServer kafka)
{
    [Fact]
    public async Task Sync_SlotNearItsLimit_WarnsAndIsWellAgain()
    {
        await postgres.StartAsync();
        await using var server = PostgresServer.With(new Dictionary<string, string> { ["max_slot_wal_keep_size"] = "256MB", ["min_wal_size"] = "64MB", ["max_wal_size"] = "64MB" });
        await server.StartAsync();
        await using var source = await server.CreateDatabaseAsync();
        await using var target = await postgres.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, body text); INSERT INTO t VALUES (1, 'a')");
        var sync = SyncRun.ToPostgres(source, target, "public.t", "tables: create");
        await File.WriteAllTextAsync(sync.Config, (await File.ReadAllTextAsync(sync.Config)).Replace("before: placeholder", "before: placeholder, wal: { warn-below: 160MB }", StringComparison.Ordinal));
        await using var running = await sync.StartStreamingAsync();
        await Eventually.TrueAsync(async () => await target.ScalarAsync<bool>("SELECT to_regclass('public.t') IS NOT NULL") && await target.ScalarAsync<long>("SELECT count(*) FROM t") == 1, "the first row arrives");
        Assert.DoesNotContain("before it gives the slot up", running.Everything, StringComparison.Ordinal);

        // A target that doesn't come along: nothing is confirmed any more.
        await using (var holder = new NpgsqlConnection(target.ConnectionString))
        {
            await holder.OpenAsync();
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("LOCK TABLE t IN ACCESS EXCLUSIVE MODE", holder, transaction)) await hold.ExecuteNonQueryAsync();
            await source.ExecuteAsync("INSERT INTO t VALUES (2, 'b')");
            await source.ExecuteAsync("SELECT count(pg_logical_emit_message(false, 'nobody', repeat('x', 1000000))) FROM generate_series(1, 140)");
            var told = await running.WaitForLineAsync("holds .* bytes of WAL back .* before it gives the slot up");
            Assert.Contains(sync.Name.Replace('-', '_'), told, StringComparison.Ordinal);
            await using var inspect = PathwayProcess.Start(["inspect", sync.State]);
            Assert.Equal(0, await inspect.WaitForExitAsync());
            Assert.Contains("left before it is in danger", inspect.Everything, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(async () => await target.ScalarAsync<long>("SELECT count(*) FROM t") == 2, "the second row arrives", TimeSpan.FromSeconds(60));
        // The server lets WAL go with its next record of running transactions, which a checkpoint writes.
        await Eventually.TrueAsync(
            async () =>
            {
                await source.ExecuteAsync("CHECKPOINT");
                return running.Everything.Contains("is well again", StringComparison.Ordinal);
            },
            "the slot is well again", TimeSpan.FromSeconds(90));
        Assert.Equal(0, await running.TerminateAsync());
    }

    [Fact]
    public async Task Sync_LoadWithARate_TakesItsTime()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        var (slow, fast) = (await LoadAsync("load: { parallel: 1, rate: 16000 }"), await LoadAsync("load: { parallel: 1 }"));
        // Five chunks of 20 000, four of which the next one waits for.
        Assert.True(slow >= TimeSpan.FromSeconds(4.9), $"100000 rows at 16000 rows/s took {slow}");
        Assert.True(fast < slow, $"without a rate it took {fast}, with one {slow}");

        async Task<TimeSpan> LoadAsync(string load)
        {
            await using var database = await postgres.CreateDatabaseAsync();
            await database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100000)");
            var sync = new SyncRun(database, kafka.BootstrapServers, "public.t", before: $"placeholder, {load}");
            await using var running = await sync.StartStreamingAsync();
            var since = Stopwatch.StartNew();
            await running.WaitForLineAsync("Initial load complete");
            var took = since.Elapsed;
            Assert.Equal(0, await running.TerminateAsync());
            return took;
        }
    }
}
