using System.Text.Json;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Debezium;

/// <summary>Labels that an enum got between others: schemas list them as Debezium's do, which asks for labels without an order and gets them as they were added.</summary>
[Trait("suite", "integration")]
public sealed class EnumLabelTests(PostgresServer postgres, KafkaServer kafka)
{
    [Fact]
    public async Task Sync_LabelsAddedBetweenOthers_AreListedBehindThem()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TYPE stage AS ENUM ('new', 'open'); CREATE TABLE item (id int PRIMARY KEY, s stage)");
        await database.ExecuteAsync("ALTER TYPE stage ADD VALUE 'draft' BEFORE 'new'; ALTER TYPE stage ADD VALUE 'closed'");
        await database.ExecuteAsync("INSERT INTO item VALUES (1, 'draft')");
        var sync = new SyncRun(database, kafka.BootstrapServers, "public.item", to: $$"""kafka: { topic-prefix: {{database.Name}}, topics: create, partitions: 1, schemas: true, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""");
        await using var running = await sync.StartStreamingAsync();
        var topic = $"{sync.Prefix}.public.item";
        await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains(topic) && (await kafka.ConsumeAllAsync(topic)).Count > 0, "the row arrived");
        Assert.Equal(0, await running.TerminateAsync());
        using var value = JsonDocument.Parse(Assert.Single(await kafka.ConsumeAllAsync(topic)).Value!);
        var field = value.RootElement.GetProperty("schema").GetProperty("fields")[0].GetProperty("fields")[1];
        Assert.Equal("new,open,draft,closed", field.GetProperty("parameters").GetProperty("allowed").GetString());
    }
}
