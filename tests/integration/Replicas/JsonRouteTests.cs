using Confluent.Kafka;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>Topics of plain JSON rows by configuration alone, into tables and into other topics: what a model of the rows says, through kills.</summary>
[Trait("suite", "integration")]
public sealed class JsonRouteTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    private readonly Dictionary<int, (string Name, decimal? Price)> _rows = [];

    [Fact]
    public async Task Sync_PlainJsonIntoPostgresAndKilled_TableHoldsTheLastRecordOfEachKey()
    {
        var (topic, random) = (await TopicAsync(), new Random(RunSeed));
        foreach (var id in (int[])[101, 102, 103, 104, 105, 106, 107, 108]) Write(topic, id, "first", 1.5m); // of each partition the first record says that the price is a number
        Write(topic, random, 300);
        var sync = SyncRun.KafkaToPostgres(Target, kafka.BootstrapServers, topic, "tables: create");
        Reconfigure(sync, "kafka: { ", "kafka: { format: json, ");
        await using (var check = sync.Start(null, "--check")) Assert.True(await check.WaitForExitAsync() == 0, check.Everything);
        await using (var killed = sync.Start($"{FailPoints.DeliverBeforeCommit}=kill@1")) Assert.Equal(137, await killed.WaitForExitAsync());
        await using (var killed = sync.Start($"{FailPoints.DeliverAfterCommit}=kill@1")) Assert.Equal(137, await killed.WaitForExitAsync());
        await using var running = await sync.StartStreamingAsync();
        Write(topic, random, 200);
        var table = topic.Replace("shop.", "", StringComparison.Ordinal);
        await HoldsAsync(running, async () => !await Target.ScalarAsync<bool>($"SELECT to_regclass('{table}') IS NOT NULL") ? "" : await Target.ScalarAsync<string>($"SELECT coalesce(string_agg(concat_ws('|', id, name, coalesce(price::text, '-')), ';' ORDER BY id), '') FROM {table}"));
        Assert.Equal("numeric", await Target.ScalarAsync<string>($"SELECT pg_typeof(price)::text FROM {table} LIMIT 1"));
        Assert.Equal(0, await running.TerminateAsync());
    }

    [Fact]
    public async Task Sync_PlainJsonIntoKafkaAndKilled_TopicHoldsTheLastRecordOfEachKey()
    {
        var (topic, random) = (await TopicAsync(), new Random(RunSeed));
        Write(topic, random, 300);
        var sync = new SyncRun(
            Target, kafka.BootstrapServers, from: $$"""kafka: { topics: [{{topic}}], format: json, key: [id], dead-letters: {{topic}}.dlq, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""",
            to: $$"""kafka: { topic-prefix: copy, format: json, partitions: 2, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""", more: $$"""
            tables:
              {{topic.Replace("shop.", "", StringComparison.Ordinal)}}: { rename: { name: full_name } }
            """);
        await using (var check = sync.Start(null, "--check")) Assert.True(await check.WaitForExitAsync() == 0, check.Everything);
        await using (var killed = sync.Start($"{FailPoints.DeliverBeforeCommit}=kill@1")) Assert.Equal(137, await killed.WaitForExitAsync());
        await using var running = await sync.StartStreamingAsync();
        Write(topic, random, 200);
        Produce(topic, ("no object", "[1]"));
        var copy = topic.Replace("shop.", "copy.", StringComparison.Ordinal);
        await HoldsAsync(running, async () =>
        {
            if (!(await kafka.ListTopicsAsync()).Contains(copy)) return "";
            var last = new Dictionary<string, string?>();
            foreach (var record in await kafka.ConsumeAllAsync(copy)) last[record.KeyText!] = record.ValueText;
            return string.Join(';', last.Where(r => r.Value is not null).Select(r => System.Text.Json.JsonDocument.Parse(r.Value!).RootElement).Select(r =>
                (Id: r.GetProperty("id").GetInt32(), Text: $"{r.GetProperty("id")}|{r.GetProperty("full_name")}|{(r.GetProperty("price").ValueKind == System.Text.Json.JsonValueKind.Null ? "-" : r.GetProperty("price").GetRawText())}")).OrderBy(r => r.Id).Select(r => r.Text));
        });
        await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains($"{topic}.dlq") && (await kafka.ConsumeAllAsync($"{topic}.dlq")).Count == 1, "what is no row is a dead letter");
        Assert.Equal(0, await running.TerminateAsync());
    }

    private async Task<string> TopicAsync()
    {
        await kafka.StartAsync();
        var topic = $"shop.public.items_{Guid.NewGuid():N}"[..30];
        await kafka.CreateTopicAsync(topic, 2);
        return topic;
    }

    private void Write(string topic, Random random, int count)
    {
        var records = new List<(string, string?)>();
        for (var i = 0; i < count; i++)
        {
            var id = random.Next(1, 60);
            if (random.Next(4) == 0)
            {
                _rows.Remove(id);
                records.Add(($$"""{"id":{{id}}}""", null));
                continue;
            }

            decimal? price = random.Next(3) == 0 ? null : random.Next(1000) / 4m;
            _rows[id] = ($"n'{random.Next(100)}\"é", price);
            records.Add(($$"""{"id":{{id}}}""", System.Text.Json.JsonSerializer.Serialize(new { id, name = _rows[id].Name, price })));
        }

        Produce(topic, [.. records]);
    }

    private void Write(string topic, int id, string name, decimal price)
    {
        _rows[id] = (name, price);
        Produce(topic, ($$"""{"id":{{id}}}""", System.Text.Json.JsonSerializer.Serialize(new { id, name, price })));
    }

    private void Produce(string topic, params (string Key, string? Value)[] records)
    {
        using var producer = new ProducerBuilder<string, string?>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, Acks = Acks.All, Partitioner = Partitioner.Murmur2Random }).Build();
        foreach (var (key, value) in records) producer.Produce(topic, new Message<string, string?> { Key = key, Value = value! });
        producer.Flush(TimeSpan.FromSeconds(30));
    }

    private async Task HoldsAsync(PathwayProcess running, Func<Task<string>> read)
    {
        var expected = string.Join(';', _rows.OrderBy(r => r.Key).Select(r => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{r.Key}|{r.Value.Name}|{(r.Value.Price is { } price ? price.ToString(System.Globalization.CultureInfo.InvariantCulture) : "-")}")));
        var found = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    if (running.HasExited) throw new InvalidOperationException($"pathway ended.\n{running.Everything}");
                    return (found = await read()) == expected;
                },
                "it holds the last record of each key", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={RunSeed}\nexpected {expected}\nfound    {found}\n{running.Everything}", e);
        }
    }

    private static void Reconfigure(SyncRun sync, string before, string after)
    {
        var text = File.ReadAllText(sync.Config);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(sync.Config, text.Replace(before, after, StringComparison.Ordinal));
    }
}
