using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>Topics in the form of Debezium into the tables of a database, by configuration alone: killed on the way, with a record among them that can't be read.</summary>
[Trait("suite", "integration")]
public sealed class KafkaRouteTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    [Fact]
    public async Task Topics_OfASync_BecomeTheSameTablesElsewhere()
    {
        await kafka.StartAsync();
        await Source.ExecuteAsync("""
            CREATE TABLE items (id int PRIMARY KEY, name text, price numeric(10,2), made date, at timestamptz, seen timestamp, tags text[], code uuid, doc jsonb, raw bytea, ok bool, big bigint, ratio float8, free numeric, large text);
            INSERT INTO items SELECT g, 'item ' || g, g * 1.25, '2026-01-01'::date + g, '2026-01-01 00:00:00+00'::timestamptz + g * interval '1 second', '1969-12-31 23:59:59.5', ARRAY['a,b', NULL, '"'], md5(g::text)::uuid,
                '{"a": [1, null]}', '\x00ff', g % 2 = 0, -9223372036854775808, 0.1, 1e20, NULL FROM generate_series(1, 500) g;
            """);
        var first = new SyncRun(Source, kafka.BootstrapServers, "public.items", to: $$"""kafka: { topic-prefix: {{Source.Name}}, partitions: 1, schemas: true, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""");
        await using var writing = await first.StartStreamingAsync();
        var topic = $"{Source.Name}.public.items";
        await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains(topic), "the topic is there");
        var (config, folder, password) = Configure(topic);
        await using (var killed = Start(config, folder, password, "commit.after-log-sync=kill@2"))
        {
            await Source.ExecuteAsync("UPDATE items SET large = repeat(md5(id::text), 400) WHERE id < 50; UPDATE items SET name = 'other' WHERE id < 100; DELETE FROM items WHERE id > 450; UPDATE items SET id = 1000 WHERE id = 7");
            Assert.Equal(137, await killed.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        }

        await using var running = Start(config, folder, password, null);
        await Source.ExecuteAsync("INSERT INTO items (id) VALUES (2000)");
        await ArrivesAsync(running, "items");
        Assert.Equal(0, await running.TerminateAsync());
        Assert.Equal(0, await writing.TerminateAsync());
    }

    private (string Config, string Folder, string Password) Configure(string topic)
    {
        var folder = RunFolder.NewFolder("route");
        var connection = new NpgsqlConnectionStringBuilder(Target.ConnectionString);
        var password = connection.Password ?? "";
        connection.Password = null;
        var config = Path.Combine(folder, "sync.yaml");
        File.WriteAllText(config, $$"""
            name: {{Target.Name.Replace('_', '-')}}
            state: {{folder}}/state
            commit-every: 50ms
            from:
              kafka: { topics: [{{topic}}], dead-letters: {{topic}}.dlq, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }
            to:
              postgres: { connection: "{{connection.ConnectionString}};Password=${PGPASSWORD}", tables: create }
            """);
        return (config, folder, password);
    }

    private static PathwayProcess Start(string config, string folder, string password, string? failPoints) => PathwayProcess.Start(
        ["sync", "--config", config], new Dictionary<string, string?> { ["PATHWAY_FAILPOINTS"] = failPoints, ["PGPASSWORD"] = password }, folder);
}
