using System.Text.Json;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Databases;

/// <summary>What a publication holds of a table is what is loaded and streamed of it: some rows, some columns, a partitioned table by its root, and a table without primary key.</summary>
[Trait("suite", "integration")]
public sealed class PublishedPartsTests(PostgresServer postgres, KafkaServer kafka)
{
    [Fact]
    public async Task Sync_RowFilterColumnListPartitionsAndNoKey_LoadsAndStreamsWhatIsPublished()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"""
            CREATE TABLE filtered (id int PRIMARY KEY, amount int NOT NULL, secret text);
            CREATE TABLE sales (id int NOT NULL, region text NOT NULL, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
            CREATE TABLE sales_eu PARTITION OF sales FOR VALUES IN ('eu');
            CREATE TABLE sales_us PARTITION OF sales FOR VALUES IN ('us');
            CREATE TABLE lines (line text); ALTER TABLE lines REPLICA IDENTITY FULL;
            CREATE PUBLICATION {database.Name} FOR TABLE filtered (id, amount) WHERE (amount > 10), sales, lines WITH (publish_via_partition_root = true, publish = 'insert'); -- a filter over other columns than the key's is for inserts alone
            INSERT INTO filtered SELECT g, g, 'secret' FROM generate_series(1, 20) g;
            INSERT INTO sales SELECT g, CASE g % 2 WHEN 0 THEN 'eu' ELSE 'us' END FROM generate_series(1, 50) g;
            INSERT INTO lines SELECT 'line ' || g % 30 FROM generate_series(1, 60) g;
            """);
        var sync = new SyncRun(database, kafka.BootstrapServers, "\"public.*\"");
        await using (var killed = sync.Start($"{FailPoints.SourceAfterSlot}=kill@1")) Assert.True(await killed.WaitForExitAsync() == 137, killed.Everything); // its snapshot goes with it
        await using var process = await sync.StartStreamingAsync();
        await process.WaitForLineAsync("Initial load complete");
        await database.ExecuteAsync("INSERT INTO filtered VALUES (21, 5, 'unseen'), (22, 50, 'seen'); INSERT INTO sales VALUES (51, 'eu'); INSERT INTO lines VALUES ('end')");
        await Eventually.TrueAsync(async () => (await RowsAsync(sync, "lines")).Any(r => r.Contains("end", StringComparison.Ordinal)), "the last row arrived");
        Assert.Equal(0, await process.TerminateAsync());

        AssertSame([.. Enumerable.Range(11, 10).Select(g => $"r id={g}, amount={g}"), "c id=22, amount=50"], await RowsAsync(sync, "filtered"));
        AssertSame([.. Enumerable.Range(1, 50).Select(g => $"r id={g}, region={(g % 2 == 0 ? "eu" : "us")}"), "c id=51, region=eu"], await RowsAsync(sync, "sales"));
        AssertSame([.. Enumerable.Range(1, 60).Select(g => $"r line=line {g % 30}"), "c line=end"], await RowsAsync(sync, "lines"));
        Assert.DoesNotContain($"{sync.Prefix}.public.sales_eu", await kafka.ListTopicsAsync());
    }

    [Fact]
    public async Task Start_OtherPartOfATablePublished_IsRefusedUntilRepaired()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        var publication = database.Name;
        var part = $"ALTER PUBLICATION {publication} SET TABLE filtered (id, amount) WHERE (id > 10), whole";
        await database.ExecuteAsync($"CREATE TABLE filtered (id int PRIMARY KEY, amount int NOT NULL, secret text); CREATE TABLE whole (id int PRIMARY KEY, body text); CREATE PUBLICATION {publication}; {part}");
        var sync = new SyncRun(database, kafka.BootstrapServers, "\"public.*\"");
        await using (var first = await sync.StartStreamingAsync())
        {
            await first.WaitForLineAsync("Initial load complete");
            Assert.Equal(0, await first.TerminateAsync());
        }

        (string Other, string Says)[] cases =
        [
            ("filtered (id, amount) WHERE (id > 11), whole", "of table public.filtered publication"), ("filtered (id, amount, secret) WHERE (id > 10), whole", "has columns (id, amount, secret)"), ("filtered, whole", "has all where it had columns (id, amount), rows where (id > 10)"),
            ("filtered (id, amount) WHERE (id > 10), whole (id)", "of table public.whole publication"),
        ];
        foreach (var (other, says) in cases)
        {
            await database.ExecuteAsync($"ALTER PUBLICATION {publication} SET TABLE {other}");
            await using var refused = sync.Start();
            Assert.Equal(3, await refused.WaitForExitAsync());
            Assert.Contains(says, refused.Everything, StringComparison.Ordinal);
        }

        // A column that the table gets is none of the publication's doing.
        await database.ExecuteAsync($"{part}; ALTER TABLE whole ADD COLUMN more int");
        await using var again = await sync.StartStreamingAsync();
        Assert.Equal(0, await again.TerminateAsync());
    }

    private static void AssertSame(IEnumerable<string> expected, List<string> found) => Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));

    private async Task<List<string>> RowsAsync(SyncRun sync, string table)
    {
        var topic = $"{sync.Prefix}.public.{table}";
        if (!(await kafka.ListTopicsAsync()).Contains(topic)) return [];
        var rows = new List<string>();
        foreach (var record in await kafka.ConsumeAllAsync([topic]))
        {
            using var value = JsonDocument.Parse(record.ValueText!);
            rows.Add($"{value.RootElement.GetProperty("op").GetString()} {string.Join(", ", value.RootElement.GetProperty("after").EnumerateObject().Select(p => $"{p.Name}={p.Value}"))}");
        }

        return rows;
    }
}
