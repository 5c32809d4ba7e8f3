using System.Globalization;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>
/// A target with narrower constraints than the source, through random traffic and kill -9: at the end every row of the source stands in the target or in one open dead letter, as it is in the source, and once the constraints are gone the
/// letters make both equal.
/// </summary>
[Trait("suite", "kill")]
public sealed class DeadLetterReplicaTests(PostgresServer postgres, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    private static readonly string[] Points =
    [
        FailPoints.CommitAfterLogSync, FailPoints.DeliverMidway, FailPoints.DeliverBeforeMarker, FailPoints.DeliverBeforeCommit, FailPoints.DeliverAfterCommit, FailPoints.ClaimAfterFence, FailPoints.RecoveryAfterReplay,
    ];

    [Fact]
    public async Task Sync_RowsThatTheTargetRefuses_StandInDeadLettersOnce()
    {
        var (traffic, random) = (new Traffic(Source, RunSeed), new Random(RunSeed));
        await traffic.CreateAsync();
        await Source.ExecuteAsync("CREATE EXTENSION hstore; CREATE TABLE unique_ones (id int PRIMARY KEY, slot int, note text); INSERT INTO unique_ones SELECT g, g FROM generate_series(1, 20) g");
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create, dead-letters: pathway.refused");
        await using (var first = await sync.StartStreamingAsync())
        {
            await ArrivesAsync(first, [.. Traffic.Tables, "public.unique_ones"]);
            Assert.True(await first.TerminateAsync() == 0, first.Everything);
        }

        await Target.ExecuteAsync("""
            ALTER TABLE documents ADD CONSTRAINT small CHECK (version % 8 <> 5) NOT VALID, ADD CONSTRAINT tagged CHECK (id % 11 <> 5) NOT VALID;
            ALTER TABLE files ADD CONSTRAINT size CHECK (size < 90) NOT VALID;
            ALTER TABLE "odd Table" ADD CONSTRAINT given CHECK ("a ""b" IS NOT NULL) NOT VALID;
            ALTER TABLE unique_ones ADD UNIQUE (slot);
            """);
        traffic.MovesDocuments = true;
        random.Shuffle(Points);
        foreach (var point in Points.Take(Math.Max(2, Seed.Kills / 6))) await KillAsync(sync, traffic, point, random.Next(1, 8));
        await using var last = await sync.StartStreamingAsync();
        await traffic.WriteAsync(100);
        // One by one each of them is taken only behind the other.
        await Source.ExecuteAsync("UPDATE unique_ones SET slot = slot + 1; UPDATE unique_ones SET slot = 100 WHERE id = 20; UPDATE unique_ones SET slot = 101 WHERE id = 19; UPDATE unique_ones SET slot = 5 WHERE id = 7");
        string[] tables = ["documents", "files", "\"odd Table\"", "unique_ones"];
        var difference = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    if (last.HasExited) throw new InvalidOperationException($"pathway ended.\n{last.Everything}");
                    foreach (var table in tables)
                        if ((difference = await DifferenceAsync(table)).Length > 0) return false;
                    return true;
                },
                "every row stands in the target or in a dead letter", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={RunSeed}\n{difference}\n{last.Everything}", e);
        }

        Assert.Equal(0, await Target.ScalarAsync<long>("SELECT count(*) FROM (SELECT 1 FROM pathway.refused WHERE closed IS NULL GROUP BY table_name, key HAVING count(*) > 1) d"));
        var letters = await Target.ScalarAsync<long>("SELECT count(*) FROM pathway.refused WHERE closed IS NULL");
        Assert.True(letters > 0);
        await using (var list = sync.Command("dlq", "list"))
        {
            Assert.Equal(0, await list.WaitForExitAsync());
            Assert.Contains($"{letters} letter", list.Everything, StringComparison.Ordinal);
            Assert.Contains("violates check constraint", list.Everything, StringComparison.Ordinal);
        }

        await Target.ExecuteAsync("ALTER TABLE documents DROP CONSTRAINT small, DROP CONSTRAINT tagged; ALTER TABLE files DROP CONSTRAINT size; ALTER TABLE \"odd Table\" DROP CONSTRAINT given; ALTER TABLE unique_ones DROP CONSTRAINT unique_ones_slot_key");
        // While it runs, and is written to.
        await traffic.WhileAsync(async () =>
        {
            await using var replay = sync.Command("dlq", "replay");
            Assert.True(await replay.WaitForExitAsync() == 0, replay.Everything);
            Assert.Contains("written", replay.Everything, StringComparison.Ordinal);
        });
        await ArrivesAsync(last, [.. Traffic.Tables, "public.unique_ones"]);
        Assert.Equal(0, await Target.ScalarAsync<long>("SELECT count(*) FROM pathway.refused WHERE closed IS NULL"));
        Assert.True(await last.TerminateAsync() == 0, last.Everything);
    }

    private static async Task KillAsync(SyncRun sync, Traffic traffic, string point, int onHit)
    {
        if (point is FailPoints.ClaimAfterFence or FailPoints.RecoveryAfterReplay) onHit = 1;
        await using var process = sync.Start(string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{onHit}"));
        var exit = 0;
        await traffic.WhileAsync(async () => exit = await process.WaitForExitAsync(), every: TimeSpan.FromMilliseconds(50)); // a row that is refused takes many times as long as another
        Assert.True(exit == 137, $"Expected a kill at {point}@{onHit}, got exit code {exit}.\n{process.Everything}");
    }

    /// <summary>What differs: rows of the target without an open letter against those of the source without one, and letters against their rows.</summary>
    private async Task<string> DifferenceAsync(string table)
    {
        var key = table switch { "files" => "json_build_array(id::text, area)", "\"odd Table\"" => "json_build_array(\"Key\"::text)", _ => "json_build_array(id::text)" };
        var open = await Target.ScalarAsync<string>($"SELECT coalesce(json_agg(json_build_array(key, row)), '[]')::text FROM pathway.refused WHERE closed IS NULL AND table_name = 'public.{table.Trim('"')}'");
        var quoted = open.Replace("'", "''", StringComparison.Ordinal);
        var letters = $"(SELECT (e ->> 0)::json::text::jsonb AS key, (e -> 1)::jsonb AS row FROM json_array_elements('{quoted}') e)";
        var rest = $"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t WHERE {key}::jsonb NOT IN (SELECT key FROM {letters} l)";
        var (expected, found) = (await Source.ScalarAsync<string>(rest), await Target.ScalarAsync<string>(rest));
        if (expected != found) return $"{table}: the source holds\n{Short(expected)}\nthe target\n{Short(found)}";
        // A row's columns as texts are those of its hstore.
        var wrong = await Source.ScalarAsync<string>($"""
            SELECT coalesce(string_agg(l.key::text || ' ' || l.row::text, E'\n'), '') FROM {letters} l WHERE NOT EXISTS (SELECT FROM {table} t WHERE {key}::jsonb = l.key AND l.row = hstore_to_jsonb(hstore(t)))
            """);
        return wrong.Length > 0 ? $"{table}: letters that aren't the source's rows\n{Short(wrong)}" : "";
    }

    private static string Short(string text) => text.Length > 4000 ? text[..4000] : text;
}
