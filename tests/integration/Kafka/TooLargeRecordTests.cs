using Confluent.Kafka.Admin;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>Records that are too large for their topic: one dead letter each, whole, beside the others, over kill -9; sent back once the topic takes them.</summary>
[Trait("suite", "kill")]
public sealed class TooLargeRecordTests(PostgresServer postgres, KafkaServer kafka)
{
    private const string Rows = "SELECT g, repeat(md5(g::text), CASE WHEN g = 7 THEN 100000 WHEN g = 9 THEN 40000 ELSE 1 END) FROM generate_series(1, 20) g";

    [Theory]
    [InlineData(FailPoints.DeliverBeforeCommit)]
    [InlineData(FailPoints.DeliverAfterCommit)]
    public async Task Sync_TooLargeRecords_AreDeadLettersOnce(string point)
    {
        await using var database = await DatabaseAsync();
        var (topic, letters) = ($"{database.Name}.public.notes", $"{database.Name}.letters");
        var sync = Sync(database, partitions: 2, letters);
        await using (var first = await sync.StartStreamingAsync()) Assert.Equal(0, await first.TerminateAsync());
        await database.ExecuteAsync($"INSERT INTO notes {Rows}");
        // Claims deliver, too.
        await using (var killed = sync.Start($"{point}=kill@2")) Assert.Equal(137, await killed.WaitForExitAsync());
        await using (var last = await sync.StartStreamingAsync())
        {
            await database.ExecuteAsync("UPDATE notes SET body = 'last' WHERE id = 1");
            await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains(topic) && (await kafka.ConsumeAllAsync(topic)).Any(r => r.ValueText!.Contains("last", StringComparison.Ordinal)), "the last row arrives");
            Assert.Equal(0, await last.TerminateAsync());
        }

        var found = (await kafka.ConsumeAllAsync(topic)).Select(r => r.KeyText!).ToList();
        Assert.Equal(Enumerable.Range(1, 20).Where(i => i is not (7 or 9)).Append(1).Select(i => $$"""{"id":{{i}}}""").Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal(6, (await kafka.ConsumeAllAsync(letters)).Count); // 3.2 MB and 1.3 MB in parts below 1 MB
        await using (var list = PathwayProcess.Start(["dlq", "list", "--kafka", kafka.BootstrapServers, "--topic", letters]))
        {
            Assert.Equal(0, await list.WaitForExitAsync());
            Assert.Contains($"to {topic}, commit ", list.Everything, StringComparison.Ordinal);
            Assert.Contains("It has 3200", list.Everything, StringComparison.Ordinal);
            Assert.Contains("2 letters", list.Everything, StringComparison.Ordinal);
        }

        await LimitAsync(topic, "5000000");

        await using (var replay = PathwayProcess.Start(["dlq", "replay", "--kafka", kafka.BootstrapServers, "--topic", letters]))
        {
            Assert.True(await replay.WaitForExitAsync() == 0, replay.Everything);
            Assert.Contains("2 letters sent back", replay.Everything, StringComparison.Ordinal);
        }

        var large = (await kafka.ConsumeAllAsync(topic)).Where(r => r.Value!.Length > 1_000_000).ToDictionary(r => r.KeyText!, r => r.ValueText);
        Assert.Equal(2, large.Count);
        foreach (var id in (int[])[7, 9]) Assert.Equal(await database.ScalarAsync<string>($"SELECT row_to_json(n)::text FROM notes n WHERE id = {id}"), large[$$"""{"id":{{id}}}"""]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_TopicTakesLessThanBefore_RecordIsADeadLetterOrNamed(bool hasLetters)
    {
        await using var database = await DatabaseAsync();
        var (topic, letters) = ($"{database.Name}.public.notes", $"{database.Name}.letters");
        var sync = Sync(database, partitions: 1, hasLetters ? letters : null);
        await using var running = await sync.StartStreamingAsync();
        await database.ExecuteAsync("INSERT INTO notes VALUES (1, 'small')");
        await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains(topic) && (await kafka.ConsumeAllAsync(topic)).Count == 1, "the first row arrives");
        await LimitAsync(topic, "20000");

        // So that no compression brings it below the limit.
        await database.ExecuteAsync("INSERT INTO notes VALUES (2, (SELECT string_agg(md5(g::text || random()), '') FROM generate_series(1, 2000) g)), (3, 'behind')");
        if (hasLetters)
        {
            await Eventually.TrueAsync(async () => (await kafka.ConsumeAllAsync(topic)).Count == 2 && (await kafka.ConsumeAllAsync(letters)).Count > 0, "the others go on", TimeSpan.FromSeconds(60));
            Assert.Equal(0, await running.TerminateAsync());
            Assert.Equal(["{\"id\":1}", "{\"id\":3}"], (await kafka.ConsumeAllAsync(topic)).Select(r => r.KeyText));
        }
        else
        {
            Assert.NotEqual(0, await running.WaitForExitAsync());
            Assert.Contains($"A record for the Kafka topic {topic} has 64", running.Everything, StringComparison.Ordinal);
            Assert.Contains("Its key: {\"id\":2}", running.Everything, StringComparison.Ordinal);
        }
    }

    private async Task<TestDatabase> DatabaseAsync()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE notes (id int PRIMARY KEY, body text)");
        return database;
    }

    private SyncRun Sync(TestDatabase database, int partitions, string? letters) => new(
        database, "", tables: "public.notes", initialLoad: false,
        to: $$"""kafka: { topic-prefix: {{database.Name}}, topics: create, partitions: {{partitions}}, format: json{{(letters is null ? "" : $", dead-letters: {letters}")}}, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""");

    private async Task LimitAsync(string topic, string bytes)
    {
        using var admin = kafka.Admin();
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = topic }] = [new ConfigEntry { Name = "max.message.bytes", Value = bytes, IncrementalOperation = AlterConfigOpType.Set }],
        });
    }
}
