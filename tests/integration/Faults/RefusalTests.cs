using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Every refusal that a sync can meet: made to happen, refused with a clear message and exit code 3, nothing written.</summary>
[Trait("suite", "integration")]
public sealed class RefusalTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    [Fact]
    public Task Start_SlotDropped_IsRefused() => RefusedAsync(
        scene => scene.Database.ExecuteAsync("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like '%\\_sync' or plugin = 'pgoutput' and database = current_database()"), "slot");

    [Fact]
    public Task Start_SlotMadeAnewAndAhead_IsRefused() => RefusedAsync(
        async scene =>
        {
            var slot = await scene.Database.ScalarAsync<string>("select slot_name::text from pg_replication_slots where plugin = 'pgoutput' and database = current_database()");
            await WriteAsync(scene, 3);
            await scene.Database.ExecuteAsync($"select pg_drop_replication_slot('{slot}'); select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        },
        "slot");

    [Fact]
    public Task Start_PublicationWithoutATable_IsRefused() => RefusedAsync(
        scene => scene.Database.ExecuteAsync("do $$ begin execute format('alter publication %I drop table public.orders', (select pubname from pg_publication limit 1)); end $$"), "publication");

    [Fact]
    public Task Start_ReplicaIdentityWeakened_IsRefused() => RefusedAsync(
        scene => scene.Database.ExecuteAsync("alter table public.orders replica identity nothing"), "replica identity");

    [Fact]
    public Task Start_OtherTables_IsRefusedAsAnotherPlan() => RefusedAsync(
        scene =>
        {
            File.WriteAllText(scene.Sync.Config, File.ReadAllText(scene.Sync.Config).Replace("public.customers, public.orders", "public.orders", StringComparison.Ordinal));
            return Task.CompletedTask;
        },
        "--accept-plan");

    [Fact]
    public Task Start_OtherName_IsRefused() => RefusedAsync(
        scene =>
        {
            File.WriteAllText(scene.Sync.Config, File.ReadAllText(scene.Sync.Config).Replace($"name: {scene.Sync.Name}", "name: somebody-else", StringComparison.Ordinal));
            return Task.CompletedTask;
        },
        "another pipeline");

    [Fact]
    public Task Start_LogDamagedBeforeItsTail_IsRefused() => RefusedAsync(
        scene =>
        {
            var segment = Directory.EnumerateFiles(Path.Combine(scene.Sync.State, "log")).Order(StringComparer.Ordinal).First();
            using var file = new FileStream(segment, FileMode.Open, FileAccess.ReadWrite);
            file.Position = 120;
            var old = file.ReadByte();
            file.Position = 120;
            file.WriteByte((byte)(old ^ 0x55));
            return Task.CompletedTask;
        },
        "damaged");

    [Fact]
    public Task Start_ManifestGone_IsRefused() => RefusedAsync(
        scene =>
        {
            File.Delete(Path.Combine(scene.Sync.State, "pipeline.json"));
            return Task.CompletedTask;
        },
        "manifest");

    [Fact]
    public Task Start_ProgressTopicDeleted_IsRefused() => RefusedAsync(
        async scene =>
        {
            using var admin = Kafka.Admin();
            await admin.DeleteTopicsAsync([$"__pathway.{scene.Sync.Name}"]);
            await Eventually.TrueAsync(async () => !(await Kafka.ListTopicsAsync()).Contains($"__pathway.{scene.Sync.Name}"), "the topic is gone");
        },
        "marker");

    private async Task RefusedAsync(Func<Scene, Task> spoil, string says)
    {
        await using var scene = await StreamingSceneAsync();
        await using (var sync = await scene.Sync.StartStreamingAsync())
        {
            await WriteAsync(scene, 10);
            await FinishAndCompareAsync(scene, sync);
        }

        var before = await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, Tables);
        await spoil(scene);
        await using var refused = scene.Sync.Start();
        var exit = await refused.WaitForExitAsync();

        Assert.True(exit == 3, $"exit code {exit}\n{refused.Everything}");
        Assert.Contains(refused.Error, line => line.Contains(says, StringComparison.OrdinalIgnoreCase));
        ChangeLog.AssertEqual(before, await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, Tables), "nothing was written");
    }
}
