using Avro.Generic;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Debezium;

/// <summary>The sync with Avro: the real tool, a real database, Kafka and a real registry.</summary>
[Trait("suite", "integration")]
public sealed class AvroSyncTests(PostgresServer postgres, KafkaServer kafka)
{
    [Fact]
    public async Task Sync_WithARegistry_RecordsAreReadByApacheAvro()
    {
        await using var scene = await SceneAsync(initialLoad: true);
        var (database, topic) = (scene.Database, scene.Topic);
        await database.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL, price numeric(8,2), at timestamptz); INSERT INTO item VALUES (1, 'żółw', 12.50, '2024-02-29 10:00:00+00')");
        await using (var running = await scene.Sync.StartStreamingAsync())
        {
            await scene.ArrivedAsync(1, running);
            await database.ExecuteAsync("INSERT INTO item VALUES (2, 'b', NULL, NULL); UPDATE item SET price = 99.99 WHERE id = 2; DELETE FROM item WHERE id = 1");
            await scene.ArrivedAsync(5, running);
            Assert.Equal(0, await running.TerminateAsync());
        }

        var events = await scene.ReadAsync();
        Assert.Equal(["1 r żółw", "1 d", "1 -", "2 c b", "2 u b"], events.Select(Show).Order(StringComparer.Ordinal).OrderBy(text => text[0]).ThenBy(text => text[2] switch { 'r' or 'c' => 0, 'd' or 'u' => 1, _ => 2 }));
        var loaded = (GenericRecord)events.First(e => Show(e).StartsWith("1 r", StringComparison.Ordinal)).Value!["after"];
        Assert.Equal("2024-02-29T10:00:00.000000Z", loaded["at"]);
        Assert.Equal(1250, ((Avro.AvroDecimal)loaded["price"]).UnscaledValue);
        Assert.Equal(1, await scene.Registry.VersionsAsync($"{topic}-value"));
    }

    [Fact]
    public async Task Sync_WhenTheRegistryRefusesASchema_WaitsWithThatTransactionAndGoesOnWhenItIsSolved()
    {
        await using var scene = await SceneAsync();
        var database = scene.Database;
        await database.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)");
        await using var running = await scene.Sync.StartStreamingAsync();
        await database.ExecuteAsync("INSERT INTO item VALUES (1, 'before')");
        await scene.ArrivedAsync(1, running);

        // A new field without a default: level BACKWARD doesn't allow it.
        await database.ExecuteAsync("ALTER TABLE item ADD COLUMN size int NOT NULL DEFAULT 1; ALTER TABLE item ALTER COLUMN size DROP DEFAULT");
        await database.ExecuteAsync("INSERT INTO item VALUES (2, 'refused', 5)");
        await database.ExecuteAsync("INSERT INTO item VALUES (3, 'behind', 6)");
        var told = await running.WaitForLineAsync("isn't compatible with an earlier one");
        Assert.Contains($"{scene.Topic}-value", told, StringComparison.Ordinal);
        Assert.Single(await scene.ReadAsync());

        // Stopped in the middle of the waiting it ends in order, and the next start waits at the same place.
        Assert.Equal(0, await running.TerminateAsync());
        await using var again = scene.Sync.Start();
        await again.WaitForLineAsync("isn't compatible with an earlier one");
        await scene.Registry.SetLevelAsync("NONE");
        await again.WaitForLineAsync("changes flow again");
        await scene.ArrivedAsync(3, again);
        Assert.Equal(0, await again.TerminateAsync());
        Assert.Equal(["1 c before", "2 c refused", "3 c behind"], (await scene.ReadAsync()).Select(Show).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Sync_WhileTheRegistryIsAway_WaitsForIt()
    {
        await using var scene = await SceneAsync();
        await scene.Database.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)");
        await using var running = await scene.Sync.StartStreamingAsync();
        await scene.Server.StopAsync();
        await scene.Database.ExecuteAsync("INSERT INTO item VALUES (1, 'a'); INSERT INTO item VALUES (2, 'b')");
        await running.WaitForLineAsync("can't be used now");
        await scene.Server.StartAsync();
        await scene.ArrivedAsync(2, running);
        Assert.Equal(0, await running.TerminateAsync());
        Assert.Equal(["1 c a", "2 c b"], (await scene.ReadAsync()).Select(Show).Order(StringComparer.Ordinal));
    }

    private async Task<Scene> SceneAsync(bool initialLoad = false)
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        var server = new SchemaRegistryServer();
        await server.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        var sync = new SyncRun(database, kafka.BootstrapServers, tables: "public.item", initialLoad: initialLoad, more: $"registry: {{ url: \"{server.Url}\" }}");
        await File.WriteAllTextAsync(sync.Config, (await File.ReadAllTextAsync(sync.Config)).Replace("format: debezium-json", "format: debezium-avro", StringComparison.Ordinal));
        return new Scene(database, server, kafka, sync, new AvroReader(server.Url));
    }

    private static string Show((GenericRecord? Key, GenericRecord? Value) record)
    {
        var id = record.Key!["id"];
        if (record.Value is not { } value) return $"{id} -";
        return value["after"] is GenericRecord after ? $"{id} {value["op"]} {after["name"]}" : $"{id} {value["op"]}";
    }

    private sealed record Scene(TestDatabase Database, SchemaRegistryServer Server, KafkaServer Kafka, SyncRun Sync, AvroReader Registry) : IAsyncDisposable
    {
        public string Topic => $"{Sync.Prefix}.public.item";

        public async Task ArrivedAsync(int records, PathwayProcess running)
        {
            try
            {
                await Eventually.TrueAsync(async () => (await RecordsAsync()).Count >= records, $"{records} records arrived", TimeSpan.FromSeconds(60));
            }
            catch (TimeoutException e)
            {
                throw new TimeoutException($"{e.Message}\n{running.Everything}", e);
            }
        }

        public async Task<List<(GenericRecord? Key, GenericRecord? Value)>> ReadAsync()
        {
            var read = new List<(GenericRecord?, GenericRecord?)>();
            foreach (var record in await RecordsAsync()) read.Add(await Registry.ReadAsync(record));
            return read;
        }

        public async ValueTask DisposeAsync()
        {
            Registry.Dispose();
            await Server.DisposeAsync();
            await Database.DisposeAsync();
        }

        private async Task<IReadOnlyList<TopicRecord>> RecordsAsync() => (await Kafka.ListTopicsAsync()).Contains(Topic) ? await Kafka.ConsumeAllAsync(Topic) : [];
    }
}
