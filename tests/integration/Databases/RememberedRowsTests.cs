using System.Globalization;
using System.Text.Json;
using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Databases;

/// <summary><c>before: state</c>: events have the whole old row and every large value, as a model of the table has them, through loads, key changes, truncation, changes of the table and kills.</summary>
[Trait("suite", "integration")]
public sealed class RememberedRowsTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output)
{
    private readonly Dictionary<int, SortedDictionary<string, string?>> _rows = [];
    private readonly Dictionary<int, List<string>> _expected = [];
    private readonly Random _random = new(Seed.OfThisRun(output));
    private int _next = 1;

    [Fact]
    public async Task Sync_RandomWritesAndChangesOfTheTable_GivesWholeOldRows()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var session = new NpgsqlConnection(database.ConnectionString);
        await session.OpenAsync();
        await ExecuteAsync(session, "CREATE TABLE documents (id int PRIMARY KEY, body text, version int NOT NULL); ALTER TABLE documents ALTER body SET STORAGE EXTERNAL");
        for (var i = 0; i < 40; i++) await InsertAsync(session, 'r', "version", "0");
        var sync = new SyncRun(database, kafka.BootstrapServers, "public.documents", more: "", before: "state");
        var process = await sync.StartStreamingAsync();
        try
        {
            await ArrivedAsync(sync, process); // durable with that: what a kill takes back is loaded again, without the rows that went meanwhile
            await WriteAsync(session, 60);
            await ExecuteAsync(session, "ALTER TABLE documents ADD COLUMN added text");
            ForAll(row => row["added"] = null);
            await WriteAsync(session, 30);
            await process.KillAsync();
            await ExecuteAsync(session, "ALTER TABLE documents ADD COLUMN word text DEFAULT 'it''s old'");
            ForAll(row => row["word"] = "it's old");
            await WriteAsync(session, 30);
            process = await sync.StartStreamingAsync();
            await ArrivedAsync(sync, process);
            await ExecuteAsync(session, "ALTER TABLE documents RENAME COLUMN body TO content");
            ForAll(row =>
            {
                row["content"] = row["body"];
                row.Remove("body");
            });
            await WriteAsync(session, 30, "content");
            await ExecuteAsync(session, "TRUNCATE documents");
            _rows.Clear();
            for (var i = 0; i < 10; i++) await InsertAsync(session, 'c', "version", "7");
            await WriteAsync(session, 30, "content");
            await ExecuteAsync(session, "ALTER TABLE documents DROP COLUMN added");
            ForAll(row => row.Remove("added"));
            await WriteAsync(session, 30, "content");
            await ArrivedAsync(sync, process);
            Assert.Equal(0, await process.TerminateAsync());
        }
        finally
        {
            await process.DisposeAsync();
        }

        var found = await FoundAsync(sync);
        foreach (var (key, events) in _expected)
            Assert.True(events.SequenceEqual(found.GetValueOrDefault(key) ?? []), $"key {key}\nexpected {string.Join("\n         ", events)}\nfound    {string.Join("\n         ", found.GetValueOrDefault(key) ?? [])}");
        Assert.Equal(_expected.Count, found.Count);
    }

    private void ForAll(Action<SortedDictionary<string, string?>> change)
    {
        foreach (var row in _rows.Values) change(row);
    }

    private async Task WriteAsync(NpgsqlConnection session, int count, string body = "body")
    {
        for (var i = 0; i < count; i++)
        {
            if (_rows.Count == 0)
            {
                await InsertAsync(session, 'c', "version", "1");
                continue;
            }

            var key = _rows.Keys.ElementAt(_random.Next(_rows.Count));
            var before = Text(_rows[key]);
            switch (_random.Next(6))
            {
                case 0:
                    await InsertAsync(session, 'c', "version", _random.Next(100).ToString(CultureInfo.InvariantCulture));
                    break;
                case 1:
                    await ExecuteAsync(session, $"DELETE FROM documents WHERE id = {key}");
                    _rows.Remove(key);
                    Expect(key, $"d {before} -> ");
                    Expect(key, "tombstone");
                    break;
                case 2:
                    var to = _next++;
                    await ExecuteAsync(session, $"UPDATE documents SET id = {to}, version = version + 1 WHERE id = {key}");
                    var moved = _rows[key];
                    _rows.Remove(key);
                    (moved["id"], moved["version"], _rows[to]) = (to.ToString(CultureInfo.InvariantCulture), Plus(moved["version"]!), moved);
                    Expect(key, $"d {before} -> ");
                    Expect(key, "tombstone");
                    Expect(to, $"c  -> {Text(moved)}");
                    break;
                case 3:
                    var text = Large();
                    await ExecuteAsync(session, $"UPDATE documents SET {body} = '{text}' WHERE id = {key}");
                    _rows[key][body] = text;
                    Expect(key, $"u {before} -> {Text(_rows[key])}");
                    break;
                default:
                    await ExecuteAsync(session, $"UPDATE documents SET version = version + 1 WHERE id = {key}");
                    _rows[key]["version"] = Plus(_rows[key]["version"]!);
                    Expect(key, $"u {before} -> {Text(_rows[key])}");
                    break;
            }
        }
    }

    private async Task InsertAsync(NpgsqlConnection session, char op, string column, string value)
    {
        var id = _next++;
        await using var insert = new NpgsqlCommand($"INSERT INTO documents (id, {column}) VALUES ({id}, {value}) RETURNING to_jsonb(documents)::text", session);
        var row = (string)(await insert.ExecuteScalarAsync())!;
        if (op == 'r')
        {
            await using var fill = new NpgsqlCommand($"UPDATE documents SET body = '{Large()}' WHERE id = {id} RETURNING to_jsonb(documents)::text", session);
            row = (string)(await fill.ExecuteScalarAsync())!;
        }

        using var json = JsonDocument.Parse(row);
        _rows[id] = Row(json.RootElement);
        Expect(id, $"{op}  -> {Text(_rows[id])}");
    }

    private void Expect(int key, string change)
    {
        if (!_expected.TryGetValue(key, out var events)) _expected[key] = events = [];
        events.Add(change);
    }

    private string Large() => string.Concat(Enumerable.Range(0, 700).Select(_ => _random.Next(1000, 9999)));

    private static string Plus(string number) => (int.Parse(number, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

    private static string Text(SortedDictionary<string, string?> row) => string.Join(", ", row.Select(c => $"{c.Key}={(c.Value is { Length: > 20 } large ? $"{large[..12]}…{large[^4..]}" : c.Value ?? "NULL")}"));

    private static SortedDictionary<string, string?> Row(JsonElement row) =>
        new(row.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.Null ? null : p.Value.ToString()), StringComparer.Ordinal);

    private async Task ArrivedAsync(SyncRun sync, PathwayProcess process)
    {
        var count = _expected.Values.Sum(e => e.Count);
        try
        {
            await Eventually.TrueAsync(async () => (await FoundAsync(sync)).Values.Sum(e => e.Count) >= count, $"{count} events arrived", TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{process.Everything}", e);
        }
    }

    private async Task<Dictionary<int, List<string>>> FoundAsync(SyncRun sync)
    {
        var events = new Dictionary<int, List<string>>();
        var topic = $"{sync.Prefix}.public.documents";
        if (!(await kafka.ListTopicsAsync()).Contains(topic)) return events;
        foreach (var record in await kafka.ConsumeAllAsync([topic]))
        {
            using var key = JsonDocument.Parse(record.KeyText!);
            var id = key.RootElement.GetProperty("id").GetInt32();
            if (!events.TryGetValue(id, out var list)) events[id] = list = [];
            if (record.ValueText is not { } text)
            {
                list.Add("tombstone");
                continue;
            }

            using var value = JsonDocument.Parse(text);
            list.Add($"{value.RootElement.GetProperty("op").GetString()} {Side(value, "before")} -> {Side(value, "after")}");
        }

        return events;

        static string Side(JsonDocument value, string side) => value.RootElement.GetProperty(side) is { ValueKind: JsonValueKind.Object } row ? Text(Row(row)) : "";
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
