using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Databases;

/// <summary>Random traffic on tables that change under it, a sync that is killed from time to time, and an independent reading of the same changes: per key the same events with the columns of their time.</summary>
/// <remarks>PATHWAY_SEED repeats a run, PATHWAY_SCHEMA_SECONDS makes it longer.</remarks>
[Trait("suite", "integration")]
public sealed class SchemaTrafficTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output)
{
    private static readonly string[] Types = ["int", "bigint", "text", "varchar(40)", "boolean", "uuid", "numeric(10,2)", "mood", "date"];
    /// <summary>How long a run is, unless PATHWAY_SCHEMA_SECONDS says otherwise.</summary>
    private const int RunSeconds = 120;

    /// <summary>What a sync surely follows: every version of a table is looked up and compiled for.</summary>
    private const int StepsASecond = 250;

    private readonly int _seed = Seed.OfThisRun(output);
    private readonly Dictionary<string, List<(string Name, string Type)>> _columns = [];
    private Random _random = new(0);
    private int _next = 1, _names = 1, _labels = 1;

    [Fact]
    public async Task Sync_TablesChangeUnderTraffic_EventsAreThoseOfAnIndependentReading()
    {
        _random = new Random(_seed);
        var length = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("PATHWAY_SCHEMA_SECONDS"), out var seconds) ? seconds : RunSeconds);
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var session = new NpgsqlConnection(database.ConnectionString);
        await session.OpenAsync();
        await ExecuteAsync(session, "CREATE TYPE mood AS ENUM ('m0')");
        foreach (var table in new[] { "t1", "t2", "t3" })
        {
            await ExecuteAsync(session, $"CREATE TABLE {table} (id int PRIMARY KEY, a text, b int)");
            _columns[table] = [("a", "text"), ("b", "int")];
        }

        var sync = new SyncRun(database, kafka.BootstrapServers, "\"public.t*\"", initialLoad: false, more: "debezium: { decimal.handling.mode: string, skipped.operations: t }");
        await using (var first = await sync.StartStreamingAsync()) Assert.Equal(0, await first.TerminateAsync());
        var oracle = new TestDecoding(database.ConnectionString, "oracle_" + database.Name);
        await oracle.CreateAsync();
        var process = await sync.StartStreamingAsync();
        try
        {
            var since = Stopwatch.StartNew();
            var steps = 0;
            for (var nextKill = 4; since.Elapsed < length;)
            {
                await StepAsync(session);
                if (++steps / (double)StepsASecond - since.Elapsed.TotalSeconds is > 0 and var ahead) await Task.Delay(TimeSpan.FromSeconds(ahead));
                if (since.Elapsed.TotalSeconds < nextKill) continue;
                nextKill += _random.Next(3, 8);
                await process.KillAsync();
                await process.DisposeAsync();
                for (var i = 0; i < 20; i++) await StepAsync(session);
                process = sync.Start();
            }

            var expected = ChangeLog.Expected(Told(await oracle.ReadAsync()), sync.Prefix);
            var count = expected.Values.Sum(e => e.Count);
            try
            {
                await Eventually.TrueAsync(async () => process.HasExited || (await FoundAsync(sync)).Values.Sum(e => e.Count) >= count, $"{count} events arrived", TimeSpan.FromSeconds(90));
            }
            catch (TimeoutException)
            {
                ChangeLog.AssertEqual(expected, await FoundAsync(sync), $"PATHWAY_SEED={_seed}\n{process.Everything}");
                throw;
            }

            Assert.False(process.HasExited, process.Everything);
            Assert.Equal(0, await process.TerminateAsync());
            ChangeLog.AssertEqual(expected, await FoundAsync(sync), $"PATHWAY_SEED={_seed}");
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    private async Task StepAsync(NpgsqlConnection session)
    {
        var table = $"t{_random.Next(1, 4)}";
        if (_random.Next(25) == 0)
        {
            await ChangeTableAsync(session, table);
            return;
        }

        await ExecuteAsync(session, "BEGIN");
        for (var i = _random.Next(1, 6); i > 0; i--)
        {
            if (_random.Next(12) == 0) await ChangeTableAsync(session, table);
            else await ExecuteAsync(session, Statement(table));
        }

        await ExecuteAsync(session, "COMMIT");
    }

    private string Statement(string table)
    {
        var columns = _columns[table];
        var key = _random.Next(Math.Max(1, _next - 30), _next + 1);
        var column = columns[_random.Next(columns.Count)];
        return _random.Next(8) switch
        {
            0 => $"DELETE FROM {table} WHERE id = {key}",
            1 => $"UPDATE {table} SET id = {_next++} WHERE id = {key}",
            2 => _random.Next(10) == 0 ? $"TRUNCATE {table}" : $"UPDATE {table} SET {column.Name} = NULL WHERE id = {key}",
            < 5 => $"UPDATE {table} SET {column.Name} = {Value(column.Type)} WHERE id = {key}",
            _ => $"INSERT INTO {table} (id, {string.Join(", ", columns.Select(c => c.Name))}) VALUES ({_next++}, {string.Join(", ", columns.Select(c => _random.Next(6) == 0 ? "NULL" : Value(c.Type)))})",
        };
    }

    private async Task ChangeTableAsync(NpgsqlConnection session, string table)
    {
        var columns = _columns[table];
        var at = _random.Next(columns.Count);
        switch (_random.Next(6))
        {
            case 0 when columns.Count > 1:
                await ExecuteAsync(session, $"ALTER TABLE {table} DROP COLUMN {columns[at].Name}");
                columns.RemoveAt(at);
                break;
            case 1:
                var renamed = $"c{_names++}";
                await ExecuteAsync(session, $"ALTER TABLE {table} RENAME COLUMN {columns[at].Name} TO {renamed}");
                columns[at] = (renamed, columns[at].Type);
                break;
            case 2 when columns[at].Type is "int" or "varchar(40)":
                var wider = columns[at].Type == "int" ? "bigint" : "text";
                await ExecuteAsync(session, $"ALTER TABLE {table} ALTER COLUMN {columns[at].Name} TYPE {wider}");
                columns[at] = (columns[at].Name, wider);
                break;
            case 3:
                // Its value can't be used before the transaction ends: nobody does, since values are drawn from those of before.
                await ExecuteAsync(session, $"ALTER TYPE mood ADD VALUE 'm{_labels}'");
                break;
            default:
                if (columns.Count > 8) return;
                var (added, type) = ($"c{_names++}", Types[_random.Next(Types.Length)]);
                await ExecuteAsync(session, $"ALTER TABLE {table} ADD COLUMN {added} {type}{(_random.Next(2) == 0 ? "" : $" DEFAULT {Value(type)}")}");
                columns.Add((added, type));
                break;
        }

        _labels++;
    }

    private string Value(string type) => type switch
    {
        "int" => _random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
        "bigint" => _random.NextInt64(-1L << 40, 1L << 40).ToString(CultureInfo.InvariantCulture),
        "boolean" => _random.Next(2) == 0 ? "true" : "false",
        "uuid" => $"'{new Guid(_random.Next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}'",
        "numeric(10,2)" => $"{_random.Next(-99999, 99999)}.{_random.Next(10, 100)}",
        "mood" => "'m0'",
        "date" => $"'{new DateOnly(2000, 1, 1).AddDays(_random.Next(10_000)):yyyy-MM-dd}'",
        _ => $"'it''s \"{_random.Next()}\" \\ ż'",
    };

    // As events tell them: days since 1970 for dates.
    private static IEnumerable<TestDecoding.Change> Told(IEnumerable<TestDecoding.Change> changes) => changes.Select(change => change with
    {
        Columns = change.Columns.ToDictionary(c => c.Key, c => DateOnly.TryParseExact(c.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? (day.DayNumber - new DateOnly(1970, 1, 1).DayNumber).ToString(CultureInfo.InvariantCulture) : c.Value switch { "true" => "True", "false" => "False", var other => other }),
    });

    private Task<Dictionary<string, List<string>>> FoundAsync(SyncRun sync) => ChangeLog.FoundAsync(kafka, sync.Prefix, "public.t1", "public.t2", "public.t3");

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
