using System.Globalization;
using Npgsql;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>Tables that are loaded while streaming goes on: those that come later, and those that are asked for again. In the end the topic says what the table holds.</summary>
[Trait("suite", "kill")]
public sealed class LaterLoadTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    [Fact]
    public async Task Load_TableThatCameLaterWithAnOpenTransaction_MissesNothing()
    {
        await using var scene = await SceneAsync("\"public.*\"");
        await using var sync = scene.Sync.Start($"{FailPoints.LoadAfterChunkMark}=kill@5");
        await sync.WaitForLineAsync("Initial load complete");
        await scene.Database.ExecuteAsync("CREATE TABLE late (id int PRIMARY KEY, amount bigint NOT NULL); INSERT INTO late SELECT g, g FROM generate_series(1, 50000) g");
        await using var open = new NpgsqlConnection(scene.Database.ConnectionString);
        await open.OpenAsync();
        await ExecuteAsync(open, "BEGIN; INSERT INTO late VALUES (-1, 0); UPDATE late SET amount = -1 WHERE id = 7");
        await WhileWritingAsync(scene, async () =>
        {
            await sync.WaitForLineAsync("Added table public.late");
            await ExecuteAsync(open, "INSERT INTO late VALUES (-2, 0); COMMIT");
            // Three marks of the first load are behind it (customers, the first orders, the others), and one of the first rows of this one.
            Assert.Equal(137, await sync.WaitForExitAsync());
            await scene.Database.ExecuteAsync("UPDATE late SET amount = amount + 1 WHERE id % 10 = 0; DELETE FROM late WHERE id % 10 = 1");
        });
        await using var next = await scene.Sync.StartStreamingAsync();
        await next.WaitForLineAsync("Load complete");
        await scene.Database.ExecuteAsync("INSERT INTO late VALUES (999999, 1)");
        await SaysWhatTheTableHoldsAsync(scene, "public.late", next);
        Assert.Equal(0, await next.TerminateAsync());
    }

    [Fact]
    public async Task Reload_AfterChangesThatWereNeverRead_TellsThemAndDeletesWhatIsGone()
    {
        await using var scene = await SceneAsync("public.customers, public.orders", before: "state");
        await using (var first = scene.Sync.Start())
        {
            await first.WaitForLineAsync("Initial load complete"); // durably: no chunk is read again
            Assert.Equal(0, await first.TerminateAsync());
        }

        // Behind the sync's back: what is written meanwhile is in no event.
        var publication = await scene.Database.ScalarAsync<string>("select pubname::text from pg_publication");
        await scene.Database.ExecuteAsync($"alter publication {publication} drop table public.orders");
        await scene.Database.ExecuteAsync("delete from orders where id % 3 = 0; update orders set amount = -5 where id % 3 = 1; insert into orders values (-10, 1, 1, 'unseen', null)");
        await scene.Database.ExecuteAsync($"alter publication {publication} add table public.orders");
        await using (var killed = scene.Sync.Start($"{FailPoints.LoadAfterChunkEmit}=kill@1"))
        {
            await WhileWritingAsync(scene, async () => Assert.Equal(137, await killed.WaitForExitAsync()));
            Assert.Contains("of table public.orders was changed, and changed back", killed.Everything, StringComparison.Ordinal);
        }

        await using var next = scene.Sync.Start();
        await WhileWritingAsync(scene, () => next.WaitForLineAsync("Load complete"));
        await SaysWhatTheTableHoldsAsync(scene, "public.orders", next);

        // And as somebody asks for it.
        var inspected = await AskAsync(scene, "inspect", scene.Sync.State);
        Assert.True(inspected.Code == 0 && inspected.Text.Contains("running, streaming", StringComparison.Ordinal), inspected.Text);
        Assert.Equal(2, (await AskAsync(scene, "sync", "reload", "public.nothing", "--config", scene.Sync.Config)).Code);
        var asked = await AskAsync(scene, "sync", "reload", "public.orders", "--config", scene.Sync.Config);
        Assert.True(asked.Code == 0, $"{asked.Text}\n{next.Everything}");
        await WhileWritingAsync(scene, () => Eventually.TrueAsync(() => Task.FromResult(next.Error.Count(l => l.Contains("Load complete", StringComparison.Ordinal)) == 2), "the load that was asked for is complete", TimeSpan.FromSeconds(60)));
        await SaysWhatTheTableHoldsAsync(scene, "public.orders", next);
        Assert.Equal(0, await next.TerminateAsync());
        Assert.Equal(2, (await AskAsync(scene, "sync", "reload", "public.orders", "--config", scene.Sync.Config)).Code); // nobody runs
    }

    [Fact]
    public async Task Reload_KilledAtEveryChunk_TellsEverythingAndDeletesWhatIsGone()
    {
        await using var scene = await SceneAsync("public.customers, public.orders", before: "state, load: { parallel: 1 }");
        await scene.Database.ExecuteAsync("INSERT INTO orders SELECT 200000 + g, 1 + g % 20, g, 'open', 'old ' || g FROM generate_series(1, 60000) g");
        await using (var first = scene.Sync.Start())
        {
            await first.WaitForLineAsync("Initial load complete");
            await SaysWhatTheTableHoldsAsync(scene, "public.orders", first);
            Assert.Equal(0, await first.TerminateAsync());
        }

        var publication = await scene.Database.ScalarAsync<string>("select pubname::text from pg_publication");
        await scene.Database.ExecuteAsync($"alter publication {publication} drop table public.orders");
        await scene.Database.ExecuteAsync("delete from orders where id % 3 = 0; update orders set amount = -5 where id % 30 = 1");
        await scene.Database.ExecuteAsync($"alter publication {publication} add table public.orders");
        await using (var begun = scene.Sync.Start($"{FailPoints.LoadBeforeChunk}=kill@1")) Assert.Equal(137, await begun.WaitForExitAsync());

        // Each start goes on with the chunk that the last one died in. Where the fourth is marked, some before it are durable; what of the other points comes at the first isn't.
        string[] points = [$"{FailPoints.LoadBeforeChunk}=kill@1", $"{FailPoints.LoadAfterChunkRead}=kill@1", $"{FailPoints.LoadAfterChunkEmit}=kill@1", $"{FailPoints.LoadAfterChunkMark}=kill@4"];
        var (kills, isComplete) = (0, false);
        while (!isComplete)
        {
            foreach (var point in points)
            {
                await using var process = scene.Sync.Start(point);
                var (ended, line) = (process.WaitForExitAsync(), process.WaitForLineAsync("Load complete"));
                await WriteAsync(scene, 10);
                await Task.WhenAny(ended, line);
                isComplete = line.IsCompletedSuccessfully;
                if (isComplete) break;
                Assert.True(await ended == 137, process.Everything);
                Assert.True(++kills < 40, "the load doesn't move on");
            }
        }

        Assert.True(kills >= 6, $"{kills} kills: the load has several chunks");
        await using var last = await scene.Sync.StartStreamingAsync();
        await SaysWhatTheTableHoldsAsync(scene, "public.orders", last);
        Assert.Equal(0, await last.TerminateAsync());
    }

    [Fact]
    public async Task Start_SlotLost_IsLoadedAgainOnlyAsAChoice()
    {
        await using var scene = await SceneAsync("public.customers, public.orders", before: "state");
        await using (var first = scene.Sync.Start())
        {
            await first.WaitForLineAsync("Initial load complete"); // durably: no chunk is read again
            Assert.Equal(0, await first.TerminateAsync());
        }

        await scene.Database.ExecuteAsync("select pg_drop_replication_slot(slot_name) from pg_replication_slots where plugin = 'pgoutput' and database = current_database()");
        await scene.Database.ExecuteAsync("delete from orders where id % 3 = 0; update orders set amount = -5 where id % 3 = 1; insert into orders values (-10, 1, 1, 'unseen', null)");
        await using (var refused = scene.Sync.Start()) Assert.Equal(3, await refused.WaitForExitAsync());
        await using (var killed = scene.Sync.Start($"{FailPoints.SourceAfterSlot}=kill@1", "--load-again")) Assert.Equal(137, await killed.WaitForExitAsync());
        await using var next = scene.Sync.Start();
        await WhileWritingAsync(scene, () => next.WaitForLineAsync("Load complete"));
        await SaysWhatTheTableHoldsAsync(scene, "public.orders", next);
        Assert.Equal(0, await next.TerminateAsync());
    }

    private async Task<Scene> SceneAsync(string tables, string? before = null)
    {
        var seed = Seed.OfThisRun(Output);
        await Postgres.StartAsync();
        await Kafka.StartAsync();
        var database = await Postgres.CreateDatabaseAsync();
        var shop = new Shop(database.ConnectionString, seed);
        await shop.CreateAsync();
        await database.ExecuteAsync("INSERT INTO orders SELECT 100000 + g, 1 + g % 20, g, 'open', 'old ' || g FROM generate_series(1, 25000) g");
        return new Scene(seed, database, shop, new SyncRun(database, Kafka.BootstrapServers, tables, before: before), new TestDecoding(database.ConnectionString, "unused"));
    }

    private static async Task<(int Code, string Text)> AskAsync(Scene scene, params string[] arguments)
    {
        var password = new NpgsqlConnectionStringBuilder(scene.Database.ConnectionString).Password;
        await using var asked = PathwayProcess.Start(arguments, new Dictionary<string, string?> { ["PGPASSWORD"] = password });
        return (await asked.WaitForExitAsync(), asked.Everything);
    }

    // Of each key the last event: what a compacted topic, or a table made of it, says.
    private async Task SaysWhatTheTableHoldsAsync(Scene scene, string table, PathwayProcess running)
    {
        var expected = await RowsAsync(scene, table);
        var wrong = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    var found = (await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, table)).Select(e => (e.Key, Last: e.Value[^1])).Where(e => e.Last is not ("d" or "tombstone"))
                        .ToDictionary(e => e.Key[(e.Key.LastIndexOf('/') + 1)..], e => e.Last[2..]);
                    wrong = string.Join('\n', expected.Keys.Union(found.Keys).Where(k => expected.GetValueOrDefault(k) != found.GetValueOrDefault(k))
                        .Take(5).Select(k => $"{k}: table '{expected.GetValueOrDefault(k)}', topic '{found.GetValueOrDefault(k)}'"));
                    return wrong.Length == 0;
                },
                "the topic says what the table holds", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} (PATHWAY_SEED={scene.Seed})\n{wrong}\n{running.Everything}", e);
        }
    }

    private static async Task<Dictionary<string, string>> RowsAsync(Scene scene, string table)
    {
        var rows = new Dictionary<string, string>();
        await using var source = NpgsqlDataSource.Create(scene.Database.ConnectionString);
        await using var select = source.CreateCommand($"SELECT * FROM {table}");
        await using var reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var columns = Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)}={(reader.IsDBNull(i) ? "NULL" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))}");
            rows[reader.GetInt32(0).ToString(CultureInfo.InvariantCulture)] = string.Join(", ", columns);
        }

        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
