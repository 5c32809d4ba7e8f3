using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>The initial load with writers at work, killed at chunk boundaries and between.</summary>
[Trait("suite", "kill")]
public sealed class InitialLoadTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    private const int Rows = 45_000;

    private static readonly string[] Points =
    [
        FailPoints.SourceAfterIntention, FailPoints.SourceAfterPublication, FailPoints.SourceAfterSlot, FailPoints.LoadBeforeChunk, FailPoints.LoadAfterChunkRead, FailPoints.LoadAfterChunkMark,
        FailPoints.LoadAfterChunkEmit, FailPoints.CommitBeforeLogSync, FailPoints.DeliverBeforeMarker, FailPoints.CommitAfterLogSync,
    ];

    [Fact]
    public async Task Load_KilledAtEveryFailPointWithWriters_IsExact()
    {
        await using var scene = await UnsyncedSceneAsync();
        var before = await RowsAsync(scene);
        await WhileWritingAsync(scene, async () =>
        {
            foreach (var point in Points)
            {
                var onHit = point.StartsWith("source", StringComparison.Ordinal) ? 1 : new Random(scene.Seed).Next(1, 3);
                await using var process = scene.Sync.Start(string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{onHit}"));
                var exit = await process.WaitForExitAsync();
                Assert.True(exit == 137, $"Expected a kill at {point}@{onHit}, got exit code {exit}.\n{process.Everything}");
            }
        });
        await LoadIsExactAsync(scene, before);
    }

    [Fact]
    public async Task Load_KilledOnceItIsToldToBeComplete_IsNotGoneOnWith()
    {
        await using var scene = await UnsyncedSceneAsync();
        var before = await RowsAsync(scene);
        await using (var first = scene.Sync.Start())
        {
            await first.WaitForLineAsync("Initial load complete");
            await first.KillAsync();
        }

        var next = scene.Sync.Start(); // disposed at the end of the comparison
        await next.WaitForLineAsync("(?i)streaming");
        await LoadIsExactAsync(scene, before, next);
        Assert.DoesNotContain("Initial load", next.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_WhileATransactionFromBeforeThePublicationIsOpen_LosesNothing()
    {
        await using var scene = await UnsyncedSceneAsync();
        var before = await RowsAsync(scene);
        await using var session = await WritingBeforeThePublicationAsync(scene);
        var sync = scene.Sync.Start(); // disposed at the end of the comparison

        // The slot can't be made, or the first chunk not be read, before the transaction ends; which of both, the test doesn't mind.
        await Eventually.TrueAsync(
            async () => await scene.Database.ScalarAsync<long>("select count(*) from pg_publication") > 0, "the publication was made");
        await ExecuteAsync(session, "INSERT INTO orders VALUES (900002, 1, 1, 'open', 'after the publication')");
        await ExecuteAsync(session, "COMMIT");
        await sync.WaitForLineAsync("(?i)streaming");
        await LoadIsExactAsync(scene, before, sync);
    }

    /// <summary>The slot can't be made before the transaction ends; a process that is killed while it waits leaves a slot behind that the server is still making.</summary>
    [Fact]
    public async Task Load_KilledBehindATransactionFromBeforeThePublicationAndAtChunks_IsExact()
    {
        await using var scene = await UnsyncedSceneAsync();
        var before = await RowsAsync(scene);
        await using var session = await WritingBeforeThePublicationAsync(scene);
        await using (var waiting = scene.Sync.Start())
        {
            await Eventually.TrueAsync(
                async () => await scene.Database.ScalarAsync<long>("select count(*) from pg_replication_slots where plugin = 'pgoutput' and database = current_database()") > 0, "the slot is being made");
            await waiting.KillAsync();
        }

        await ExecuteAsync(session, "INSERT INTO orders VALUES (900002, 1, 1, 'open', 'after the publication')");
        await WhileWritingAsync(scene, async () =>
        {
            await using (var next = scene.Sync.Start($"{FailPoints.LoadBeforeChunk}=kill@1"))
            {
                await next.WaitForLineAsync("(?i)being made");
                await ExecuteAsync(session, "COMMIT");
                Assert.True(await next.WaitForExitAsync() == 137, next.Everything);
            }

            foreach (var point in new[] { $"{FailPoints.LoadAfterChunkEmit}=kill@1", $"{FailPoints.LoadAfterChunkMark}=kill@1" })
            {
                await using var process = scene.Sync.Start(point);
                Assert.True(await process.WaitForExitAsync() == 137, $"{point}\n{process.Everything}");
            }
        });
        await LoadIsExactAsync(scene, before);
    }

    /// <summary>The server did what it was asked, the answer is lost: publication, slot, mark of a chunk.</summary>
    [Fact]
    public async Task Load_AnswersOfTheServerLost_IsExact()
    {
        await using var scene = await UnsyncedSceneAsync();
        var before = await RowsAsync(scene);
        await using var proxy = new TcpProxy(Postgres.Port);
        scene.Sync.ThroughPort(Postgres.Port, proxy.Port);
        var requests = new Queue<string>(["CREATE PUBLICATION", "CREATE_REPLICATION_SLOT", "START_REPLICATION", "pg_logical_emit_message", "COPY (SELECT", "pg_logical_emit_message"]);
        var (gate, awaited) = (new Lock(), 0);
        proxy.OnPiece = piece =>
        {
            lock (gate)
            {
                if (awaited == 0 && piece.Direction == ProxyDirection.ToServer && requests.TryPeek(out var request) && piece.Bytes.Span.IndexOf(System.Text.Encoding.ASCII.GetBytes(request)) >= 0)
                    awaited = piece.Connection;
                if (awaited != piece.Connection || piece.Direction == ProxyDirection.ToServer) return ValueTask.FromResult(ProxyVerdict.Forward);
                awaited = 0;
                requests.Dequeue();
                return ValueTask.FromResult(ProxyVerdict.Cut);
            }
        };
        var sync = scene.Sync.Start(); // disposed at the end of the comparison
        await WhileWritingAsync(scene, () => Eventually.TrueAsync(() => requests.Count == 0 || sync.HasExited, "every answer was lost once", TimeSpan.FromSeconds(90)));
        Assert.False(sync.HasExited, sync.Everything);
        await LoadIsExactAsync(scene, before, sync);
    }

    // A transaction that has written and stays open; COMMIT ends it.
    private static async Task<NpgsqlConnection> WritingBeforeThePublicationAsync(Scene scene)
    {
        var session = new NpgsqlConnection(scene.Database.ConnectionString);
        await session.OpenAsync();
        await ExecuteAsync(session, "BEGIN; INSERT INTO orders VALUES (900001, 1, 1, 'open', 'before the publication')");
        return session;
    }

    private async Task<Scene> UnsyncedSceneAsync()
    {
        var seed = Seed.OfThisRun(Output);
        await Postgres.StartAsync();
        await Kafka.StartAsync();
        var database = await Postgres.CreateDatabaseAsync();
        var shop = new Shop(database.ConnectionString, seed);
        await shop.CreateAsync();
        await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO orders SELECT 100000 + g, 1 + g % 20, g, 'open', 'old ' || g FROM generate_series(1, {Rows}) g"));
        var oracle = new TestDecoding(database.ConnectionString, "oracle_" + database.Name);
        await oracle.CreateAsync();
        return new Scene(seed, database, shop, new SyncRun(database, Kafka.BootstrapServers), oracle);
    }

    private async Task LoadIsExactAsync(Scene scene, Dictionary<string, string> before, PathwayProcess? running = null)
    {
        await using var last = running ?? await scene.Sync.StartStreamingAsync();
        // Killed right behind its last chunk, a load has been complete before this start, whose screen then shows a position without it.
        if (!Regex.IsMatch(last.Everything, @"^\s+LSN [0-9A-F]+/[0-9A-F]+\s*$", RegexOptions.Multiline))
            await last.WaitForLineAsync("(?i)initial load.*(complete|done|finished)", TimeSpan.FromSeconds(120));

        // A last change of one row: when it has arrived, everything before it has.
        await scene.Database.ExecuteAsync("INSERT INTO customers VALUES (999, 'the end')");
        var end = $"{scene.Sync.Prefix}.public.customers/999";
        var found = new Dictionary<string, List<string>>();
        await Eventually.TrueAsync(
            async () =>
            {
                found = await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, Tables);
                return found.ContainsKey(end);
            },
            "the last change arrived",
            TimeSpan.FromSeconds(60));
        Assert.Equal(0, await last.TerminateAsync());
        found = await ChangeLog.FoundAsync(Kafka, scene.Sync.Prefix, Tables); // whole: topics that came into being while it was read are in it now
        var faults = LoadHistory.Faults(found, ChangeLog.Expected(await scene.Oracle.ReadAsync(), scene.Sync.Prefix), before, await RowsAsync(scene));
        Assert.True(faults.Count == 0, $"{faults.Count} faults (PATHWAY_SEED={scene.Seed}):\n{string.Join('\n', faults.Take(5))}");
        Assert.True(found.Values.Sum(e => e.Count(text => text.StartsWith("r ", StringComparison.Ordinal))) >= Rows * 9 / 10, "most rows were loaded, not streamed");
    }

    private static async Task<Dictionary<string, string>> RowsAsync(Scene scene)
    {
        var rows = new Dictionary<string, string>();
        await using var source = NpgsqlDataSource.Create(scene.Database.ConnectionString);
        foreach (var table in Tables)
        {
            await using var select = source.CreateCommand($"SELECT * FROM {table}");
            await using var reader = await select.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                var columns = Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)}={(reader.IsDBNull(i) ? "NULL" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))}");
                rows[$"{scene.Sync.Prefix}.{table}/{reader.GetInt32(0)}"] = string.Join(", ", columns);
            }
        }

        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
