using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>What a sync from one database into another carries and refuses.</summary>
[Trait("suite", "integration")]
public sealed class ReplicaTests(PostgresServer postgres, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    private const string Types = """
        CREATE SCHEMA shop;
        CREATE TYPE shop."Mood" AS ENUM ('glad', 'it''s so-so', 'sad\');
        CREATE DOMAIN shop.percent AS numeric(5,2) CHECK (VALUE BETWEEN 0 AND 100);
        CREATE TABLE shop.types (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b bool, i2 int2, i4 int4, f4 float4, f8 float8, n numeric, ns numeric(20,5), nneg numeric(5,-2), m money, c char(5), vc varchar(10), t text, na name, qc "char", ba bytea,
            d date, tm time, tm3 time(3), tz timetz, ts timestamp, ts3 timestamp(3), tsz timestamptz, iv interval, u uuid, j json, jb jsonb, x xml, ip inet, ci cidr, ma macaddr, ma8 macaddr8, bt bit(5), bt1 bit, vb varbit(9), vbn varbit,
            r int4range, tr tstzrange, mr int8multirange, p point, l line, ls lseg, bx box, pa path, po polygon, ci2 circle, tv tsvector, tq tsquery, o oid, rc regclass, xid xid8, ln pg_lsn,
            mood shop."Mood", pc shop.percent, ia int[], i2d int[][], ta text[], tsa timestamptz[], na2 numeric(6,2)[], vca varchar(4)[], ma_ shop."Mood"[], ja jsonb[], gen int GENERATED ALWAYS AS (i4 / 2) STORED);
        """;

    private const string Values = """
        true, -32768, 2147483647, 1.1, 'NaN', 'NaN', -0.00001, 12300, '-12.34', 'ab', 'x''y\z', E'tab\tline\n☃\\N', 'name', 'q', '\x00ff5c'::bytea,
        'infinity', '24:00:00', '23:59:59.1235', '12:00:00.123456+05:30', '-infinity', '2026-02-28 23:59:59.9999', '0044-03-15 12:00:00 BC', '-1 year 2 mons -3 days 04:05:06.789', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        '{"b" : 1, "a":1.0}', '{"b" : 1, "a":1.0}', '<a b="c">x</a>', '10.1.2.3/8', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '10101', '1', '1011', '',
        '[1,10)', '["2026-01-01 00:00:00+00",infinity)', '{[1,3),[7,9)}', '(1.5,-2)', '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1)]', '((0,0),(1,1),(2,0))', '<(1,2),3>', 'a:1 fat:2B', 'fat & (rat | cat)', 4294967295, 'pg_class', '18446744073709551615', '16/B374D848',
        'it''s so-so', 99.99, '{1,NULL,3}', '{{1,2},{3,4}}', ARRAY['a,b', NULL, '', '"q"', '\', 'NULL'], '{infinity,"2026-01-01 00:00:00+02"}', '{1.50,NULL}', '{abcd,""}', ARRAY['glad', 'sad\']::shop."Mood"[], ARRAY['{"a": "}"}', NULL]::jsonb[]
        """;

    [Fact]
    public async Task Sync_LabelsAddedToAnEnum_AreAddedInTheTarget()
    {
        await Source.ExecuteAsync("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE people (id int PRIMARY KEY, feels mood, felt mood[]); INSERT INTO people VALUES (1, 'sad', '{ok}')");
        var sync = SyncRun.ToPostgres(Source, Target, "public.people", "tables: create");
        await using var running = await sync.StartStreamingAsync();
        await ArrivesAsync(running, "public.people");
        await Source.ExecuteAsync("ALTER TYPE mood ADD VALUE 'it''s \"odd\"' BEFORE 'ok'");
        await Source.ExecuteAsync("INSERT INTO people VALUES (2, 'it''s \"odd\"', NULL); INSERT INTO people SELECT g, 'ok', '{sad}' FROM generate_series(10, 2000) g");
        await ArrivesAsync(running, "public.people");
        await Source.ExecuteAsync("ALTER TYPE mood ADD VALUE 'glad'");
        await Source.ExecuteAsync("UPDATE people SET felt = ARRAY['glad', NULL, 'ok']::mood[] WHERE id = 1");
        await ArrivesAsync(running, "public.people");
        Assert.Contains("Added label 'glad' to type", running.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_LabelsAddedToAnEnum_WhereNothingIsCreated_AreRefusedByName()
    {
        await Source.ExecuteAsync("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE people (id int PRIMARY KEY, feels mood)");
        await Target.ExecuteAsync("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE people (id int PRIMARY KEY, feels mood)");
        var sync = SyncRun.ToPostgres(Source, Target, "public.people");
        await using var running = await sync.StartStreamingAsync();
        await Source.ExecuteAsync("ALTER TYPE mood ADD VALUE 'glad'");
        await Source.ExecuteAsync("INSERT INTO people VALUES (7, 'glad')");
        Assert.NotEqual(0, await running.WaitForExitAsync());
        Assert.Contains("refuses a row for table public.people, key (7), column feels: invalid input value for enum", running.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_EveryType_RoundTripsInLoadAndStream()
    {
        await Source.ExecuteAsync(Types);
        const string columns = "b, i2, i4, f4, f8, n, ns, nneg, m, c, vc, t, na, qc, ba, d, tm, tm3, tz, ts, ts3, tsz, iv, u, j, jb, x, ip, ci, ma, ma8, bt, bt1, vb, vbn, r, tr, mr, p, l, ls, bx, pa, po, ci2, tv, tq, o, rc, xid, ln, mood, pc, ia, i2d, ta, tsa, na2, vca, ma_, ja";
        await Source.ExecuteAsync($"INSERT INTO shop.types ({columns}) VALUES ({Values}); INSERT INTO shop.types (i4) VALUES (NULL)");
        var sync = SyncRun.ToPostgres(Source, Target, "shop.types", "tables: create");
        await using var running = await sync.StartStreamingAsync();
        await ArrivesTypesAsync(running);
        await Source.ExecuteAsync($"INSERT INTO shop.types ({columns}) VALUES ({Values}); UPDATE shop.types SET mood = 'sad\\', n = 1.10, t = repeat(md5(random()::text), 2000) WHERE id = 2; UPDATE shop.types SET b = false; DELETE FROM shop.types WHERE id = 1");
        await ArrivesTypesAsync(running);
        Assert.Equal(
            await Source.ScalarAsync<string>("SELECT string_agg(attname || ' ' || CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END, ', ' ORDER BY attnum) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE attrelid = 'shop.types'::regclass AND attnum > 0 AND attgenerated = ''"),
            await Target.ScalarAsync<string>("SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shop.types'::regclass AND attnum > 0"));
    }

    // The computed column isn't carried.
    private async Task ArrivesTypesAsync(PathwayProcess running)
    {
        const string sum = "SELECT string_agg((to_jsonb(it) - 'gen')::text, ';' ORDER BY id) FROM shop.types it";
        var (expected, found) = (await Source.ScalarAsync<string>(sum), "");
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    if (running.HasExited) throw new InvalidOperationException($"pathway ended.\n{running.Everything}");
                    found = await Target.ScalarAsync<string>("SELECT coalesce((SELECT 'x' WHERE to_regclass('shop.types') IS NULL), 'y')") == "x" ? "" : await Target.ScalarAsync<string>(sum.Replace("string_agg", "coalesce(string_agg", StringComparison.Ordinal).Replace("ORDER BY id)", "ORDER BY id), '')", StringComparison.Ordinal));
                    return found == expected;
                },
                "the target holds what the source holds", TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\nexpected {expected}\nfound    {found}\n{running.Everything}", e);
        }
    }

    [Fact]
    public async Task Sync_ColumnAddedAndDroppedInMidStream_FollowsWhereItMayCreate()
    {
        await Source.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, a text, gone text); INSERT INTO t VALUES (1, 'one', 'x')");
        var sync = SyncRun.ToPostgres(Source, Target, "public.t", "tables: create, schema: copy, names: { public.t: archive.things }");
        await using var running = await sync.StartStreamingAsync();
        await HoldsAsync("(1,one,x)", running);
        await Source.ExecuteAsync("ALTER TABLE t ADD COLUMN b numeric(8,3); INSERT INTO t VALUES (2, 'two', 'y', 2.5)");
        await Source.ExecuteAsync("ALTER TABLE t DROP COLUMN gone; INSERT INTO t VALUES (3, 'three', 3.5)");
        await HoldsAsync("(1,one,x,);(2,two,y,2.500);(3,three,,3.500)", running);

        async Task HoldsAsync(string rows, PathwayProcess process) => await Eventually.TrueAsync(
            async () =>
            {
                if (process.HasExited) throw new InvalidOperationException($"pathway ended.\n{process.Everything}");
                return await Target.ScalarAsync<bool>("SELECT to_regclass('archive.things') IS NOT NULL")
                    && await Target.ScalarAsync<string>("SELECT coalesce(string_agg(t::text, ';' ORDER BY id), '') FROM archive.things t") == rows;
            },
            $"the target holds {rows}");
    }

    [Fact]
    public async Task Sync_TablesThatDontFit_AreRefusedAtStartAllAtOnceAndByCheck()
    {
        await Source.ExecuteAsync("CREATE TABLE a (id int PRIMARY KEY, n bigint, t varchar(5)); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO a VALUES (1)");
        await Target.ExecuteAsync("CREATE TABLE a (id int, n int, must int NOT NULL)");
        var sync = SyncRun.ToPostgres(Source, Target, "public.*");
        string[] said =
        [
            "Column n of public.a has type integer, which doesn't take every int8.", "Table public.a lacks column t of type varchar(5)", "Column must of public.a is NOT NULL without default",
            "Table public.a has no primary key or unique index (not deferrable, not partial) on exactly (id)", "There is no table public.b. It needs: id int4, primary key (id).",
        ];
        await using var refused = sync.Start();
        Assert.Equal(3, await refused.WaitForExitAsync());
        foreach (var text in said) Assert.Contains(text, refused.Everything, StringComparison.Ordinal);
        await using var check = sync.Start(null, "--check");
        Assert.Equal(2, await check.WaitForExitAsync());
        foreach (var text in said) Assert.Contains(text, check.Everything, StringComparison.Ordinal);
        Assert.Equal(0, await Source.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"));
    }

    [Fact]
    public async Task Sync_RowThatTheTargetCantTake_StopsAndNamesIt()
    {
        await Source.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g, g FROM generate_series(1, 2000) g");
        await Target.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n <> 1234))");
        var sync = SyncRun.ToPostgres(Source, Target, "public.t");
        await using var stopped = sync.Start();
        Assert.Equal(1, await stopped.WaitForExitAsync());
        Assert.Contains("table public.t, key (1234)", stopped.Everything, StringComparison.Ordinal);
        Assert.Contains("constraint t_n_check", stopped.Everything, StringComparison.Ordinal);
        await Target.ExecuteAsync("ALTER TABLE t DROP CONSTRAINT t_n_check");
        await using var running = await sync.StartStreamingAsync();
        await ArrivesAsync(running, "public.t");
    }

    [Fact]
    public async Task Sync_ConstraintCheckedAtTheEndOfATransaction_StopsWithItsNameOnce()
    {
        await Source.ExecuteAsync("CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE children (id int PRIMARY KEY, parent int)");
        await Target.ExecuteAsync("CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE children (id int PRIMARY KEY, parent int CONSTRAINT has_parent REFERENCES parents DEFERRABLE INITIALLY DEFERRED)");
        var sync = SyncRun.ToPostgres(Source, Target, "public.parents, public.children", "dead-letters: public.letters");
        await using (var running = await sync.StartStreamingAsync())
        {
            await Source.ExecuteAsync("BEGIN; INSERT INTO children VALUES (1, 1); INSERT INTO parents VALUES (1); COMMIT");
            await ArrivesAsync(running, "parents", "children");
            await Source.ExecuteAsync("INSERT INTO children VALUES (2, 7)");
            Assert.NotEqual(0, await running.WaitForExitAsync());
            Assert.Contains("refuses a transaction at its end", running.Everything, StringComparison.Ordinal);
            Assert.Contains("table public.children, constraint has_parent, 23503", running.Everything, StringComparison.Ordinal);
        }

        // Once it takes the row, it goes on with it.
        await Target.ExecuteAsync("ALTER TABLE children DROP CONSTRAINT has_parent");
        await using var again = await sync.StartStreamingAsync();
        await ArrivesAsync(again, "parents", "children");
        Assert.Equal(0, await again.TerminateAsync());
    }

    [Fact]
    public async Task Sync_SlotLostAndLoadedAgain_TargetLosesWhatIsGone()
    {
        await Source.ExecuteAsync("CREATE TABLE items (id int PRIMARY KEY, body text); INSERT INTO items SELECT g, repeat(md5(g::text), 200) FROM generate_series(1, 3000) g");
        var sync = SyncRun.ToPostgres(Source, Target, "public.items", "tables: create");
        await File.WriteAllTextAsync(sync.Config, (await File.ReadAllTextAsync(sync.Config, TestContext.Current.CancellationToken)).Replace("before: placeholder", "before: state", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await using (var first = await sync.StartStreamingAsync())
        {
            await ArrivesAsync(first, "items");
            Assert.Equal(0, await first.TerminateAsync());
        }

        await Source.ExecuteAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database(); DELETE FROM items WHERE id % 3 = 0; UPDATE items SET body = 'other' WHERE id % 3 = 1; INSERT INTO items VALUES (-1, 'new')");
        await using (var refused = sync.Start()) Assert.Equal(3, await refused.WaitForExitAsync());
        await using (var killed = sync.Start($"{FailPoints.LoadAfterChunkEmit}=kill@1", "--load-again")) Assert.Equal(137, await killed.WaitForExitAsync());
        await using var again = await sync.StartStreamingAsync();
        await Source.ExecuteAsync("UPDATE items SET body = body || '!' WHERE id < 100; DELETE FROM items WHERE id = 2000");
        await ArrivesAsync(again, "items");
        Assert.Equal(0, await again.TerminateAsync());
    }
}
