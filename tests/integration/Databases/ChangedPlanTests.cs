using System.Text.Json;
using Pathway.Connectors.Postgres;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;
using JsonFiles = Pathway.Connectors.Files;
using Source = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Tests.Integration.Databases;

/// <summary>A pipeline over a database is changed: a table that is kept here isn't asked for again, one that is new is loaded, stored rows are read in their new form.</summary>
[Trait("suite", "integration")]
public sealed class ChangedPlanTests(PostgresServer postgres)
{
    private readonly string _folder = RunFolder.NewFolder("changed-plan");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private sealed record Order(int Id, int Customer, int Amount, string Note);

    private sealed record OrderNow(int Id, int Customer, int Amount);

    private sealed record Customer(int Id, string Name);

    private sealed record Total(string Name, long Orders, long Amount);

    [Fact]
    public async Task Run_WithANewTableJoinedToAKeptOne_HoldsWhatTheDatabaseHolds()
    {
        await postgres.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, amount int NOT NULL, note text NOT NULL);
            CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
            INSERT INTO orders SELECT i, i % 5, i, 'note' FROM generate_series(1, 100) i;
            INSERT INTO customers SELECT i, 'name ' || i FROM generate_series(0, 3) i
            """);
        var options = new PostgresOptions { Connection = database.ConnectionString, Name = "changed", Slot = "changed_" + database.Name };
        await RunUntilAsync("totals.jsonl", 5, pipeline => pipeline.Table(Source.Table<int, Order>("public.orders", options))
            .GroupBy(o => o.Customer).Select(g => new Total("by number", g.Count(), g.Sum(o => o.Amount))).Named("totals").To(JsonFiles.KeyedSink<int, Total>(Path.Combine(_folder, "totals.jsonl"))));
        await database.ExecuteAsync("DELETE FROM orders WHERE id <= 10; UPDATE orders SET amount = 1000 WHERE id = 50; INSERT INTO customers VALUES (4, 'late'); DELETE FROM orders WHERE id = 11");
        await RunUntilAsync("names.jsonl", 5, pipeline =>
            (from o in pipeline.Table(Source.Table<int, OrderNow>("public.orders", options))
             join c in pipeline.Table(Source.Table<int, Customer>("public.customers", options)) on o.Customer equals c.Id
             group o by c.Name into g
             select new Total(g.Key, g.Count(), g.Sum(o => o.Amount))).To(JsonFiles.KeyedSink<string, Total>(Path.Combine(_folder, "names.jsonl"))), done: rows => rows.Sum(r => r.Orders) == 89);

        var expected = Enumerable.Range(12, 89).GroupBy(i => i % 5 == 4 ? "late" : $"name {i % 5}").Select(g => new Total(g.Key, g.Count(), g.Sum(i => i == 50 ? 1000L : i)));
        Assert.Equal(expected.OrderBy(t => t.Name, StringComparer.Ordinal), Found("names.jsonl").OrderBy(t => t.Name, StringComparer.Ordinal));
    }

    private async Task RunUntilAsync(string file, int keys, Action<Pipeline> describe, Func<List<Total>, bool>? done = null)
    {
        var pipeline = Pipeline.Create("changed", o => o with { StateDirectory = Path.Combine(_folder, "state"), AcceptPlan = true });
        describe(pipeline);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = pipeline.RunAsync(stop: stop.Token);
        await Eventually.TrueAsync(
            async () =>
            {
                if (running.IsCompleted) await running;
                return Found(file) is var rows && rows.Count == keys && done?.Invoke(rows) != false;
            },
            $"{file} has {keys} keys");
        await stop.CancelAsync();
        await running;
    }

    private List<Total> Found(string file)
    {
        var rows = new Dictionary<string, Total?>();
        if (!File.Exists(Path.Combine(_folder, file))) return [];
        foreach (var line in File.ReadAllText(Path.Combine(_folder, file)).Split('\n')[..^1])
        {
            using var json = JsonDocument.Parse(line);
            rows[json.RootElement.GetProperty("key").GetRawText()] = json.RootElement.GetProperty("row").Deserialize<Total>(Connectors.RowJson.Options);
        }

        return [.. rows.Values.OfType<Total>()];
    }
}
