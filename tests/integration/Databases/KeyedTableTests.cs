using System.Text.Json;
using Npgsql;
using Pathway.Connectors.Postgres;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;
using Source = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Tests.Integration.Databases;

/// <summary>A database table as a keyed table holds what the database holds, whatever the replication stream leaves out: values too large to be sent again, keys that change, truncation.</summary>
[Trait("suite", "integration")]
public sealed class KeyedTableTests(PostgresServer postgres, ITestOutputHelper output)
{
    private const int Keys = 60;

    private readonly string _folder = RunFolder.NewFolder("keyed");
    private readonly Random _random = new(Seed.OfThisRun(output));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private sealed record Document(int Id, string? Body, int Version);

    [Fact]
    public async Task Table_RandomWritesDuringAndAfterTheInitialLoad_HoldsWhatTheDatabaseHolds()
    {
        await postgres.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE documents (id int PRIMARY KEY, body text, version int NOT NULL); ALTER TABLE documents ALTER body SET STORAGE EXTERNAL");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var session = await source.OpenConnectionAsync(Stop);
        for (var id = 1; id <= Keys; id += 2) await ExecuteAsync(session, "INSERT INTO documents VALUES ($1, $2, 0)", id, Body());
        var (pipeline, stop) = (Build(database), new CancellationTokenSource());
        var running = pipeline.RunAsync(stop: stop.Token);
        for (var i = 0; i < 150; i++) await WriteAsync(session, isLoading: true);
        await await Task.WhenAny(pipeline.Status.Streaming, running);
        // The mark of a loaded table is a row that came last and stands in the output.
        await HoldsAsync(session, running);
        for (var i = 0; i < 300; i++) await WriteAsync(session, isLoading: false);
        await HoldsAsync(session, running);
        await ExecuteAsync(session, "TRUNCATE documents");
        await HoldsAsync(session, running);
        for (var i = 0; i < 30; i++) await WriteAsync(session, isLoading: false);
        await HoldsAsync(session, running);
        await stop.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Table_SlotLostAndLoadedAgain_RowsThatAreGoneGo(int workers)
    {
        await postgres.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE documents (id int PRIMARY KEY, body text, version int NOT NULL); ALTER TABLE documents ALTER body SET STORAGE EXTERNAL");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var session = await source.OpenConnectionAsync(Stop);
        for (var id = 1; id <= Keys; id++) await ExecuteAsync(session, "INSERT INTO documents VALUES ($1, $2, 0)", id, Body());
        await RunAsync(Build(database, workers), () => Task.CompletedTask);
        await ExecuteAsync(session, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
        await ExecuteAsync(session, "DELETE FROM documents WHERE id % 3 = 0");
        await ExecuteAsync(session, "UPDATE documents SET version = 9 WHERE id % 3 = 1");
        await Assert.ThrowsAnyAsync<Pathway.Core.PathwayException>(() => Build(database, workers).RunAsync(stop: Stop));
        await RunAsync(Build(database, workers, loadAgain: true), async () =>
        {
            for (var i = 0; i < 60; i++) await WriteAsync(session, isLoading: true);
        });
        // It goes on as if nothing had been.
        await RunAsync(Build(database, workers), async () => await ExecuteAsync(session, "DELETE FROM documents WHERE id < 20"));

        async Task RunAsync(Pipeline pipeline, Func<Task> act)
        {
            using var stop = new CancellationTokenSource();
            var running = pipeline.RunAsync(stop: stop.Token);
            await await Task.WhenAny(pipeline.Status.Streaming, running);
            await act();
            await HoldsAsync(session, running);
            await stop.CancelAsync();
            await running;
        }
    }

    private Pipeline Build(TestDatabase database, int workers = 1, bool loadAgain = false)
    {
        var options = new PostgresOptions { Connection = database.ConnectionString, Name = "keyed", Slot = "keyed_" + database.Name, ChunkRows = 4, LoadAgain = loadAgain };
        var pipeline = Pipeline.Create("keyed", o => o with { StateDirectory = Path.Combine(_folder, "state"), Workers = workers });
        pipeline.Table(Source.Table<int, Document>("public.documents", options)).To(Connectors.Files.KeyedSink<int, Document>(Path.Combine(_folder, "out.jsonl")));
        return pipeline;
    }

    // Keys don't move while the load goes on: a row without its large value may then have gone past the load, which is refused.
    private async Task WriteAsync(NpgsqlConnection session, bool isLoading)
    {
        var id = _random.Next(1, Keys + 1);
        switch (_random.Next(isLoading ? 8 : 10))
        {
            case 0 or 1: await ExecuteAsync(session, "INSERT INTO documents VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET body = excluded.body", id, Body()); break;
            case 2: await ExecuteAsync(session, "DELETE FROM documents WHERE id = $1", id); break;
            case < 8: await ExecuteAsync(session, "UPDATE documents SET version = version + 1 WHERE id = $1", id); break;
            default: await ExecuteAsync(session, "UPDATE documents SET id = $2 WHERE id = $1 AND NOT EXISTS (SELECT FROM documents WHERE id = $2)", id, _random.Next(1, Keys + 1)); break;
        }
    }

    private object Body() => _random.Next(8) == 0 ? DBNull.Value : new string((char)('a' + _random.Next(26)), _random.Next(3000, 9000));

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, session);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = value is int ? NpgsqlTypes.NpgsqlDbType.Integer : NpgsqlTypes.NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(Stop);
    }

    private async Task HoldsAsync(NpgsqlConnection session, Task running)
    {
        var expected = new Dictionary<int, Document>();
        await using (var command = new NpgsqlCommand("SELECT id, body, version FROM documents", session))
        await using (var reader = await command.ExecuteReaderAsync(Stop))
            while (await reader.ReadAsync(Stop)) expected.Add(reader.GetInt32(0), new Document(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt32(2)));
        await Eventually.TrueAsync(
            async () =>
            {
                if (running.IsCompleted) await running;
                return await FoundAsync() is var found && found.Count == expected.Count && expected.All(e => found.TryGetValue(e.Key, out var row) && row == e.Value);
            },
            "the table holds what the database holds");
    }

    private async Task<Dictionary<int, Document>> FoundAsync()
    {
        var rows = new Dictionary<int, Document>();
        var file = Path.Combine(_folder, "out.jsonl");
        if (!File.Exists(file)) return rows;
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(Stop);
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            var (key, row) = (json.RootElement.GetProperty("key").GetInt32(), json.RootElement.GetProperty("row"));
            if (row.ValueKind == JsonValueKind.Null) rows.Remove(key);
            else rows[key] = row.Deserialize<Document>(JsonSerializerOptions.Web)!;
        }

        return rows;
    }
}
