using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>A standby takes the server's place: the sync goes on where nothing was lost, and refuses where something may have been.</summary>
/// <remarks>PostgreSQL 15 keeps no logical slots on standbys: the test makes one right after the promotion, as an operator would.</remarks>
[Trait("suite", "integration")]
public sealed class FailoverTests(KafkaServer kafka, ITestOutputHelper output) : RefusalTest(PostgresServer.With(new Dictionary<string, string>()), kafka, output), IAsyncDisposable
{
    [Fact]
    public async Task Start_OnAPromotedStandby_GoesOnOnlyWhereNothingIsMissing()
    {
        await using var scene = await StreamingSceneAsync();
        await scene.Database.ExecuteAsync("create extension pg_walinspect");
        await using var behind = await Postgres.CreateStandbyAsync();
        await using var written = await Postgres.CreateStandbyAsync();
        await using var clean = await Postgres.CreateStandbyAsync();
        await FollowedAsync(behind);
        await behind.StopAsync();
        await using (var sync = await scene.Sync.StartStreamingAsync())
        {
            await WriteAsync(scene, 10);
            await FinishAndCompareAsync(scene, sync);
        }

        var before = await scene.Oracle.ReadAsync();
        await FollowedAsync(written);
        await FollowedAsync(clean);
        var slot = await scene.Database.ScalarAsync<string>("select slot_name::text from pg_replication_slots where plugin = 'pgoutput' and database = current_database()");
        await Postgres.StopAsync();

        // It hasn't got all that we read; and what else is wrong with it is said in the same breath.
        await behind.StartAsync();
        await PromoteAsync(behind);
        var publication = await PostgresServer.ScalarAsync<string>(behind.ConnectionStringFor(scene.Database.Name), "select pubname::text from pg_publication");
        await PostgresServer.ExecuteAsync(behind.ConnectionStringFor(scene.Database.Name), $"drop publication {publication}");
        Reconfigure(scene.Sync, $"Port={Postgres.Port};", $"Port={behind.Port};");
        await RefusedAsync(scene, scene.Sync, "(1) PostgreSQL 127.0.0.1");
        foreach (var says in new[] { "doesn't contain our position", $"replication slot '{slot}'", "is gone" }) await RefusedAsync(scene, scene.Sync, says);

        await PromoteAsync(written);
        await PostgresServer.ExecuteAsync(written.ConnectionStringFor(scene.Database.Name), "insert into orders values (-1, 1, 1, 'lost', null)");
        await PostgresServer.ExecuteAsync(written.ConnectionStringFor(scene.Database.Name), $"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        Reconfigure(scene.Sync, $"Port={behind.Port};", $"Port={written.Port};");
        await RefusedAsync(scene, scene.Sync, "1 transactions ended between");

        await PromoteAsync(clean);
        var oracle = new TestDecoding(clean.ConnectionStringFor(scene.Database.Name), "oracle_after");
        await PostgresServer.ExecuteAsync(clean.ConnectionStringFor(scene.Database.Name), $"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        await oracle.CreateAsync();
        Reconfigure(scene.Sync, $"Port={written.Port};", $"Port={clean.Port};");
        await using (var sync = await scene.Sync.StartStreamingAsync())
        {
            Assert.Contains(sync.Error, line => line.Contains("was promoted", StringComparison.Ordinal));
            await PostgresServer.ExecuteAsync(clean.ConnectionStringFor(scene.Database.Name), "insert into orders values (-1, 1, 1, 'after', null); update customers set name = 'promoted' where id < 3");
            var expected = ChangeLog.Expected([.. before, .. await oracle.ReadAsync()], scene.Sync.Prefix);
            await ArrivedAsync(scene, expected.Values.Sum(e => e.Count), sync);
            Assert.Equal(0, await sync.TerminateAsync());
            await CompareAsync(scene, expected);
        }

        await using (var again = await scene.Sync.StartStreamingAsync()) Assert.Equal(0, await again.TerminateAsync());
        await Postgres.StartAsync(); // so that the database can be dropped
    }

    public async ValueTask DisposeAsync() => await Postgres.DisposeAsync();

    private static async Task PromoteAsync(PostgresServer standby) =>
        Assert.True(await PostgresServer.ScalarAsync<bool>(standby.AdminConnectionString, "select pg_promote(true, 60)"));

    private async Task FollowedAsync(PostgresServer standby)
    {
        var at = await PostgresServer.ScalarAsync<string>(Postgres.AdminConnectionString, "select pg_current_wal_lsn()::text");
        await Eventually.TrueAsync(
            () => PostgresServer.ScalarAsync<bool>(standby.AdminConnectionString, $"select pg_last_wal_replay_lsn() >= '{at}'::pg_lsn"), "the standby has followed", TimeSpan.FromSeconds(60));
    }
}
