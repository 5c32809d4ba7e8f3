using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>A database that isn't as the sync left it: refused, and after the repair the same directory goes on.</summary>
[Trait("suite", "integration")]
public sealed class RefusalTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : RefusalTest(postgres, kafka, output)
{
    [Fact]
    public async Task Start_PublicationOrTablesChanged_IsRefusedUntilRepaired()
    {
        await using var scene = await DeliveredSceneAsync();
        var publication = await scene.Database.ScalarAsync<string>("select pubname::text from pg_publication");
        (string Spoil, string Repair, string Says)[] cases =
        [
            ($"alter publication {publication} drop table public.orders", $"alter publication {publication} add table public.orders", "was taken out of publication"),
            ($"drop publication {publication}", $"create publication {publication} for table public.customers, public.orders", "is gone"),
            ("alter table public.orders replica identity nothing", "alter table public.orders replica identity default", "has replica identity 'n'"),
            ("alter table public.orders rename to orders_of_old", "alter table public.orders_of_old rename to orders", "table public.orders is gone"),
        ];
        foreach (var (spoil, repair, says) in cases)
        {
            await scene.Database.ExecuteAsync(spoil);
            await RefusedAsync(scene, scene.Sync, says);
            await scene.Database.ExecuteAsync(repair);
        }

        await GoesOnAsync(scene);
    }

    [Fact]
    public async Task Start_SeveralThingsWrong_NamesThemAllAtOnce()
    {
        await using var scene = await DeliveredSceneAsync();
        var slot = await scene.Database.ScalarAsync<string>("select slot_name::text from pg_replication_slots where plugin = 'pgoutput' and database = current_database()");
        await scene.Database.ExecuteAsync($"select pg_drop_replication_slot('{slot}')");
        await scene.Database.ExecuteAsync("alter table public.orders replica identity nothing");
        await using var refused = scene.Sync.Start();

        Assert.Equal(3, await refused.WaitForExitAsync());
        foreach (var says in new[] { "in 2 points", $"replication slot '{slot}'", "has replica identity 'n'" }) Assert.Contains(says, refused.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OtherDatabaseOrCluster_IsRefusedUntilRepaired()
    {
        await using var scene = await DeliveredSceneAsync();
        await using var twin = await Postgres.CreateDatabaseAsync();
        Reconfigure(scene.Sync, $"Database={scene.Database.Name};", $"Database={twin.Name};");
        await RefusedAsync(scene, scene.Sync, "is another database");
        Reconfigure(scene.Sync, $"Database={twin.Name};", $"Database={scene.Database.Name};");

        await using var cluster = PostgresServer.With(new Dictionary<string, string>());
        await cluster.StartAsync();
        await PostgresServer.ExecuteAsync(cluster.AdminConnectionString, $"create database {scene.Database.Name}");
        Reconfigure(scene.Sync, $"Port={Postgres.Port};", $"Port={cluster.Port};");
        await RefusedAsync(scene, scene.Sync, "is another cluster");
        Reconfigure(scene.Sync, $"Port={cluster.Port};", $"Port={Postgres.Port};");

        await GoesOnAsync(scene);
    }

    [Fact]
    public async Task Start_SlotLostInAnyWay_IsRefused()
    {
        await using var scene = await DeliveredSceneAsync();
        var slot = await scene.Database.ScalarAsync<string>("select slot_name::text from pg_replication_slots where plugin = 'pgoutput' and database = current_database()");
        await WriteAsync(scene, 3);
        await scene.Database.ExecuteAsync($"select pg_replication_slot_advance('{slot}', pg_current_wal_lsn())");
        await RefusedAsync(scene, scene.Sync, "is confirmed beyond our position");

        await InvalidateAsync(scene, slot);
        await RefusedAsync(scene, scene.Sync, "was invalidated by the server");

        await scene.Database.ExecuteAsync($"select pg_drop_replication_slot('{slot}')");
        await RefusedAsync(scene, scene.Sync, $"replication slot '{slot}'");

        await scene.Database.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'test_decoding')");
        await RefusedAsync(scene, scene.Sync, "is another one");

        await scene.Database.ExecuteAsync($"select pg_drop_replication_slot('{slot}')");
        await scene.Database.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        await RefusedAsync(scene, scene.Sync, "is confirmed beyond our position");
    }

    [Fact]
    public async Task FirstStart_SlotOfThatNameIsThere_IsRefusedAndLeftAlone()
    {
        await Postgres.StartAsync();
        await Kafka.StartAsync();
        await using var database = await Postgres.CreateDatabaseAsync();
        await new Shop(database.ConnectionString, seed: 1).CreateAsync();
        var sync = new SyncRun(database, Kafka.BootstrapServers);
        var slot = sync.Name.Replace('-', '_');
        await database.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        var confirmed = await database.ScalarAsync<string>($"select confirmed_flush_lsn::text from pg_replication_slots where slot_name = '{slot}'");

        await using var refused = sync.Start();
        Assert.True(await refused.WaitForExitAsync() == 3, refused.Everything);

        Assert.Contains(refused.Error, line => line.Contains("that isn't ours", StringComparison.Ordinal));
        Assert.Equal(confirmed, await database.ScalarAsync<string>($"select confirmed_flush_lsn::text from pg_replication_slots where slot_name = '{slot}'"));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from pg_publication"));
    }

    private static async Task InvalidateAsync(Scene scene, string slot)
    {
        await scene.Database.ExecuteAsync("alter system set max_slot_wal_keep_size = '1MB'");
        try
        {
            await scene.Database.ExecuteAsync("select pg_reload_conf()");
            await Eventually.TrueAsync(
                async () =>
                {
                    await scene.Database.ExecuteAsync("create table if not exists filler (v int)");
                    await scene.Database.ExecuteAsync("insert into filler values (1); select pg_switch_wal()");
                    await scene.Database.ExecuteAsync("checkpoint");
                    return await scene.Database.ScalarAsync<string>($"select wal_status from pg_replication_slots where slot_name = '{slot}'") == "lost";
                },
                "the slot was invalidated");
        }
        finally
        {
            await scene.Database.ExecuteAsync("alter system reset max_slot_wal_keep_size");
            await scene.Database.ExecuteAsync("select pg_reload_conf()");
        }
    }
}
