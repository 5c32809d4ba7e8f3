using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>A part of each table: the columns that were named, hidden values, and the rows of a condition, which rows enter and leave; compared with what SQL says of the source.</summary>
[Trait("suite", "integration")]
public sealed class ShapedReplicaTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    private const string Rules = """
        mask-salt: pepper
        tables:
          public.people: { columns: [id, name, mail, card, note, status], rename: { name: full_name }, mask: { mail: hash, card: last4, note: "null" }, where: "status <> 'gone' and score >= 10.5" }
          public.keyed: { where: "id in (1, 2, 3, 50)" }
        """;

    private const string Expected = """
        SELECT coalesce(string_agg(r, ';' ORDER BY r), '') FROM (
          SELECT concat_ws('|', id, name, encode(hmac(mail, 'pepper', 'sha256'), 'hex'), CASE WHEN length(card) <= 4 THEN '****' ELSE '****' || right(card, 4) END, status) r FROM people WHERE status <> 'gone' AND score >= 10.5
          UNION ALL SELECT concat_ws('|', 'k', id, body) FROM keyed WHERE id IN (1, 2, 3, 50)) x
        """;

    private const string Found = """
        SELECT coalesce(string_agg(r, ';' ORDER BY r), '') FROM (
          SELECT concat_ws('|', id, full_name, mail, card, status, note) r FROM people UNION ALL SELECT concat_ws('|', 'k', id, body) FROM keyed) x
        """;

    [Fact]
    public async Task Sync_RulesForTables_TargetEqualsWhatSqlSays()
    {
        await CreateAsync();
        var random = new Random(RunSeed);
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create", Rules);
        await using var running = await sync.StartStreamingAsync();
        await running.WaitForLineAsync("Initial load complete");
        await HoldsAsync(running);
        await StatementsAsync(random, 200);
        await HoldsAsync(running);
    }

    [Fact]
    public async Task Sync_ConditionOverRememberedRows_TargetEqualsWhatSqlSays()
    {
        await CreateAsync();
        await Source.ExecuteAsync("ALTER TABLE people REPLICA IDENTITY DEFAULT");
        var random = new Random(RunSeed);
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create", Rules);
        await File.WriteAllTextAsync(sync.Config, (await File.ReadAllTextAsync(sync.Config, TestContext.Current.CancellationToken)).Replace("before: placeholder", "before: state, load: { rate: 10 }", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await using (var first = await sync.StartStreamingAsync())
        {
            // Behind the rows of the first table the load pauses, so that rows of the second change over and over that nobody remembers yet. One that comes under a new key in the meantime may leave a large value nowhere, and stops the sync.
            await StatementsAsync(random, 100, moves: false);
            Assert.DoesNotContain("Initial load complete", first.Everything, StringComparison.Ordinal);
            await first.WaitForLineAsync("Initial load complete");
            await HoldsAsync(first);
            await StatementsAsync(random, 60);
            await HoldsAsync(first);
            Assert.True(await first.TerminateAsync() == 0, first.Everything);
        }

        await using var running = await sync.StartStreamingAsync();
        await StatementsAsync(random, 120);
        await HoldsAsync(running);
    }

    private async Task StatementsAsync(Random random, int count, bool moves = true)
    {
        await using var session = new NpgsqlConnection(Source.ConnectionString);
        await session.OpenAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < count; i++)
        {
            var statement = Statement(random);
            if (!moves && statement.Contains("SET id", StringComparison.Ordinal)) continue;
            await using var command = new NpgsqlCommand(statement, session);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Sync_RulesThatDontFitTheDatabase_AreRefusedAllAtOnce()
    {
        await CreateAsync();
        var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create", """
            tables:
              public.people: { columns: [name, mails], mask: { mails: hash }, where: "stat = 'x' and name = 1" }
              public.keyed: { mask: { id: hash }, where: body = 'x' }
              public.none: { columns: [id] }
            """);
        await using var refused = sync.Start();
        Assert.Equal(2, await refused.WaitForExitAsync());
        foreach (var said in (string[])
            [
                "Table public.people has no column 'mails', which `columns` names; it has id, name, mail, card, note, status, score.", "Column id of public.people is part of the primary key, and `columns` leaves it out",
                "Table public.people has no column 'stat', which `where` names", "In `where` of public.people: column name of type text can't be compared with a number.",
                "Column id of public.keyed is part of the primary key and can't be masked", "`where` of public.keyed looks at column body, which Postgres doesn't send with old rows", "No table that is read is meant by the rules for 'public.none'.",
            ])
            Assert.Contains(said, refused.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_RulesForTablesIntoKafka_ShapeTheEvents()
    {
        await kafka.StartAsync();
        await CreateAsync();
        await Source.ExecuteAsync("DELETE FROM people; INSERT INTO people VALUES (1, 'Ann', 'a@b', '1234567', 'secret', 'new', 11), (2, 'Bob', 'b@b', '12', 'secret', 'gone', 11)");
        var sync = new SyncRun(Source, kafka.BootstrapServers, "public.people", more: Rules.Replace("\n  public.keyed: { where: \"id in (1, 2, 3, 50)\" }", "", StringComparison.Ordinal).Replace("mask-salt: pepper\n", "", StringComparison.Ordinal));
        await using var running = await sync.StartStreamingAsync();
        await running.WaitForLineAsync("Initial load complete");
        await Source.ExecuteAsync("UPDATE people SET status = 'gone' WHERE id = 1; UPDATE people SET status = 'back', card = NULL WHERE id = 2");
        IReadOnlyList<string> values = [];
        await Eventually.TrueAsync(
            async () =>
            {
                if (!(await kafka.ListTopicsAsync()).Contains($"{sync.Prefix}.public.people")) return false;
                values = [.. (await kafka.ConsumeAllAsync($"{sync.Prefix}.public.people")).Select(r => r.ValueText ?? "tombstone")];
                return values.Count == 4;
            },
            "the events of two rows");
        Assert.DoesNotContain(values, v => v.Contains("secret", StringComparison.Ordinal) || v.Contains("@", StringComparison.Ordinal) || v.Contains("score", StringComparison.Ordinal));
        Assert.Contains(values, v => v.Contains("\"after\":{\"id\":1,\"full_name\":\"Ann\",\"mail\":\"", StringComparison.Ordinal) && v.Contains("\"card\":\"****4567\",\"note\":null,\"status\":\"new\"}", StringComparison.Ordinal) && v.Contains("\"op\":\"r\"", StringComparison.Ordinal));
        Assert.Contains(values, v => v.Contains("\"op\":\"d\"", StringComparison.Ordinal) && v.Contains("\"before\":{\"id\":1,\"full_name\":\"Ann\"", StringComparison.Ordinal));
        Assert.Contains(values, v => v.Contains("\"op\":\"c\"", StringComparison.Ordinal) && v.Contains("\"full_name\":\"Bob\"", StringComparison.Ordinal) && v.Contains("\"card\":null", StringComparison.Ordinal));
        Assert.Contains("tombstone", values);
    }

    private Task CreateAsync() => Source.ExecuteAsync("""
        CREATE EXTENSION IF NOT EXISTS pgcrypto;
        CREATE TABLE people (id int PRIMARY KEY, name text, mail text, card varchar(20), note text NOT NULL DEFAULT 'secret', status text, score numeric);
        ALTER TABLE people REPLICA IDENTITY FULL; ALTER TABLE people ALTER mail SET STORAGE EXTERNAL;
        CREATE TABLE keyed (id int PRIMARY KEY, body text);
        INSERT INTO people SELECT g, 'name ' || g, repeat('m' || g, 1000), g::text, 'secret', CASE WHEN g % 3 = 0 THEN 'gone' ELSE 'here' END, g FROM generate_series(1, 40) g;
        INSERT INTO keyed SELECT g, 'b' FROM generate_series(1, 40) g;
        """);

    private static string Statement(Random random)
    {
        var (id, other, number) = (random.Next(1, 60), random.Next(1, 60), random.Next(1, 30));
        return random.Next(8) switch
        {
            0 => $"INSERT INTO people VALUES ({id}, 'n', repeat('x{number}', 900), '{random.Next()}', 'secret', 'here', {number}.25) ON CONFLICT DO NOTHING",
            1 => $"UPDATE people SET status = (ARRAY['gone', 'here', NULL])[{random.Next(1, 4)}] WHERE id = {id}",
            2 => $"UPDATE people SET score = {number} WHERE id IN ({id}, {other})",
            3 => $"DELETE FROM people WHERE id = {id}",
            4 => $"UPDATE people SET id = {other} WHERE id = {id} AND NOT EXISTS (SELECT FROM people WHERE id = {other})",
            5 => $"INSERT INTO keyed VALUES ({id}, 'b{number}') ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            6 => $"UPDATE keyed SET id = {other} WHERE id = {id} AND NOT EXISTS (SELECT FROM keyed WHERE id = {other})",
            _ => $"DELETE FROM keyed WHERE id = {id}",
        };
    }

    private async Task HoldsAsync(PathwayProcess running)
    {
        var (expected, found) = (await Source.ScalarAsync<string>(Expected), "");
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    if (running.HasExited) throw new InvalidOperationException($"pathway ended.\n{running.Everything}");
                    return (found = await Target.ScalarAsync<string>(Found)) == expected;
                },
                "the target holds what SQL says");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={RunSeed}\nexpected {expected}\nfound    {found}\n{running.Everything}", e);
        }
    }
}
