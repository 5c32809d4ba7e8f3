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

        // As it was, but what was written meanwhile wasn't sent: the table says what became of it.
        await database.ExecuteAsync($"ALTER PUBLICATION {publication} DROP TABLE filtered; INSERT INTO filtered VALUES (20, 1, ''), (5, 1, '')");
        await database.ExecuteAsync(part);
        await using (var again = await sync.StartStreamingAsync())
        {
            await again.WaitForLineAsync("of table public.filtered was changed, and changed back");
            await Eventually.TrueAsync(async () => (await RowsAsync(sync, "filtered")).Contains("r id=20, amount=1"), "the row that was written meanwhile");
            Assert.Equal(0, await again.TerminateAsync());
        }

        // Once.
        await using var last = await sync.StartStreamingAsync();
        await database.ExecuteAsync("INSERT INTO filtered VALUES (21, 1, '')");
        await Eventually.TrueAsync(async () => (await RowsAsync(sync, "filtered")).Contains("c id=21, amount=1"), "what is written now");
        Assert.Equal(0, await last.TerminateAsync());
        Assert.DoesNotContain("changed back", last.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("r id=5, amount=1", await RowsAsync(sync, "filtered"));
    }

    [Fact]
    public async Task Start_ColumnOrTableAdded_IsNoneOfThePublicationsDoing()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE TABLE filtered (id int PRIMARY KEY, amount int); CREATE TABLE other (id int); CREATE PUBLICATION {database.Name} FOR TABLE filtered (id) WHERE (id > 10)");
        var sync = new SyncRun(database, kafka.BootstrapServers, "public.filtered");
        await using (var first = await sync.StartStreamingAsync()) Assert.Equal(0, await first.TerminateAsync());
        await database.ExecuteAsync($"ALTER TABLE filtered ADD COLUMN more int; ALTER PUBLICATION {database.Name} ADD TABLE other");
        await using var again = await sync.StartStreamingAsync();
        Assert.Equal(0, await again.TerminateAsync());
    }

    [Fact]
    public async Task Sync_PublicationChangedInMidStream_StopsAndSaysSo()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        (string Change, string Says)[] cases =
        [
            ("ALTER PUBLICATION {0} DROP TABLE a", "table public.a was taken out of publication"), ("ALTER PUBLICATION {0} SET TABLE a (id), b", "has columns (id) where it had all"), ("ALTER PUBLICATION {0} SET TABLE a, b WHERE (id > 5)", "rows where (id > 5)"),
            ("ALTER PUBLICATION {0} SET (publish = 'insert, delete')", "sends insert, delete where it sent insert, update, delete, truncate"), ("DROP PUBLICATION {0}", "is gone"), ("ALTER TABLE a REPLICA IDENTITY NOTHING", "has replica identity 'n' where it had 'd'"),
        ];
        foreach (var (change, says) in cases)
        {
            await using var database = await postgres.CreateDatabaseAsync();
            var publication = database.Name;
            await database.ExecuteAsync($"CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int); CREATE PUBLICATION {publication} FOR TABLE a, b");
            var sync = new SyncRun(database, kafka.BootstrapServers, "public.a, public.b", initialLoad: false);
            await using var running = await sync.StartStreamingAsync();
            await database.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, change, publication));
            await database.ExecuteAsync("INSERT INTO b VALUES (1, 1)"); // what the server describes again is looked at at once
            Assert.True(await running.WaitForExitAsync() == 3, $"{change}\n{running.Everything}");
            Assert.Contains(says, running.Everything, StringComparison.Ordinal);
            await using var refused = sync.Start();
            Assert.Equal(3, await refused.WaitForExitAsync());
        }
    }

    [Fact]
    public async Task Sync_PublicationChangedAndChangedBackInMidStream_LoadsWhatItLeftOut()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        var publication = database.Name;
        await database.ExecuteAsync($"CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int); INSERT INTO a VALUES (1, 1), (2, 1); CREATE PUBLICATION {publication} FOR TABLE a, b");
        var sync = new SyncRun(database, kafka.BootstrapServers, "public.a, public.b", before: "state");
        await using var running = await sync.StartStreamingAsync();
        await Eventually.TrueAsync(async () => (await RowsAsync(sync, "a")).Count == 2, "the load");
        // At once, so that no look falls in between.
        await database.ExecuteAsync($"ALTER PUBLICATION {publication} DROP TABLE a; INSERT INTO a VALUES (3, 1); DELETE FROM a WHERE id = 1; ALTER PUBLICATION {publication} ADD TABLE a");
        await database.ExecuteAsync("INSERT INTO a VALUES (4, 1)");
        await running.WaitForLineAsync("of table public.a was changed, and changed back");
        await Eventually.TrueAsync(
            async () => (await kafka.ConsumeAllAsync($"{sync.Prefix}.public.a")).Any(r => r.ValueText is { } text && text.Contains("\"op\":\"d\"", StringComparison.Ordinal) && text.Contains("\"before\":{\"id\":1,", StringComparison.Ordinal)), "the delete that wasn't sent");
        Assert.Contains("r id=3, v=1", await RowsAsync(sync, "a", withoutDeletes: true));
        Assert.Equal(0, await running.TerminateAsync());
        Assert.DoesNotContain("of table public.b was changed", running.Everything, StringComparison.Ordinal);
    }

    private static void AssertSame(IEnumerable<string> expected, List<string> found) => Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));

    private async Task<List<string>> RowsAsync(SyncRun sync, string table, bool withoutDeletes = false)
    {
        var topic = $"{sync.Prefix}.public.{table}";
        if (!(await kafka.ListTopicsAsync()).Contains(topic)) return [];
        var rows = new List<string>();
        foreach (var record in await kafka.ConsumeAllAsync([topic]))
        {
            if (record.ValueText is null) continue;
            using var value = JsonDocument.Parse(record.ValueText);
            if (withoutDeletes && value.RootElement.GetProperty("after").ValueKind == JsonValueKind.Null) continue;
            rows.Add($"{value.RootElement.GetProperty("op").GetString()} {string.Join(", ", value.RootElement.GetProperty("after").EnumerateObject().Select(p => $"{p.Name}={p.Value}"))}");
        }

        return rows;
    }
}
