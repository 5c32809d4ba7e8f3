using System.Text.Json;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Debezium;

/// <summary>What settings under Debezium's names make the real tool write beside changes of rows.</summary>
[Trait("suite", "integration")]
public sealed class StreamEventTests(PostgresServer postgres, KafkaServer kafka)
{
    [Fact]
    public async Task Sync_AskedForTransactionsMessagesAndHeartbeats_WritesThem()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)");
        var sync = new SyncRun(database, kafka.BootstrapServers, tables: "public.item", initialLoad: false, more: """
            debezium:
              provide.transaction.metadata: true
              message.prefix.include.list: audit.*
              heartbeat.interval.ms: 200
            """);
        var (transactions, messages, heartbeats) = ($"{sync.Prefix}.transaction", $"{sync.Prefix}.message", $"__debezium-heartbeat.{sync.Prefix}");
        await using (var running = await sync.StartStreamingAsync())
        {
            await database.ExecuteAsync("BEGIN; INSERT INTO item VALUES (1, 'a'), (2, 'b'); SELECT pg_logical_emit_message(true, 'audit-1', 'inside'); SELECT pg_logical_emit_message(true, 'other', 'unwanted'); COMMIT");
            await database.ExecuteAsync("SELECT pg_logical_emit_message(false, 'audit-2', 'outside')");
            await Eventually.TrueAsync(async () => (await ReadAsync(transactions)).Count >= 2 && (await ReadAsync(messages)).Count >= 2 && (await ReadAsync(heartbeats)).Count >= 2, "all of them arrived", TimeSpan.FromSeconds(60));
            Assert.Equal(0, await running.TerminateAsync());
        }

        var ends = (await ReadAsync(transactions)).Select(Json).ToList();
        Assert.Equal(["BEGIN", "END"], ends.Take(2).Select(end => end.GetProperty("status").GetString()));
        Assert.Equal(3, ends[1].GetProperty("event_count").GetInt64());
        var found = (await ReadAsync(messages)).Select(Json).OrderBy(message => Prefix(message), StringComparer.Ordinal).ToList();
        Assert.Equal(["audit-1", "audit-2"], found.Select(Prefix));
        Assert.Equal("inside"u8.ToArray(), found[0].GetProperty("message").GetProperty("content").GetBytesFromBase64());
        Assert.Equal(JsonValueKind.Null, found[1].GetProperty("source").GetProperty("txId").ValueKind);
        var rows = (await ReadAsync($"{sync.Prefix}.public.item")).Select(Json).OrderBy(row => row.GetProperty("transaction").GetProperty("total_order").GetInt64()).ToList();
        Assert.Equal([1L, 2L], rows.Select(row => row.GetProperty("transaction").GetProperty("data_collection_order").GetInt64()));
        Assert.Equal(sync.Prefix, Json((await ReadAsync(heartbeats))[0], key: true).GetProperty("serverName").GetString());
    }

    private async Task<IReadOnlyList<TopicRecord>> ReadAsync(string topic) => (await kafka.ListTopicsAsync()).Contains(topic) ? await kafka.ConsumeAllAsync(topic) : [];

    private static JsonElement Json(TopicRecord record) => Json(record, key: false);

    private static JsonElement Json(TopicRecord record, bool key) => JsonDocument.Parse(key ? record.Key! : record.Value!).RootElement;

    private static string? Prefix(JsonElement message) => message.GetProperty("message").GetProperty("prefix").GetString();
}
