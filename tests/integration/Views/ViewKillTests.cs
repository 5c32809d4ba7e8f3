using System.Globalization;
using System.Text.Json;
using Npgsql;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Views;

/// <summary>The example's computed view, as its own process on real servers, killed at every fail point that a pipeline with state meets, and started again with another number of workers; at the end the topic holds what SQL computes.</summary>
[Trait("suite", "kill")]
public sealed class ViewKillTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output)
{
    private static readonly string[] Points =
    [
        FailPoints.CommitBeforeClose, FailPoints.CommitBeforeLogSync, FailPoints.CommitAfterLogSync, FailPoints.DeliverBeforeMarker, FailPoints.DeliverAfterCommit, FailPoints.RecoveryAfterReplay,
        FailPoints.RecoveryAfterTailCopy, FailPoints.AcknowledgeBefore,
    ];

    [Fact]
    public async Task View_KilledAgainAndAgain_EqualsSql()
    {
        var seed = Seed.OfThisRun(output);
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
            CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, amount numeric(10,2) NOT NULL, status text NOT NULL);
            INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 20) g;
            INSERT INTO orders SELECT g, 1 + g % 25, g * 0.25, 'open' FROM generate_series(1, 4000) g;
            """);
        var state = RunFolder.NewFolder("view");
        var random = new Random(seed);
        foreach (var (start, point) in Points.Index())
        {
            await using var process = Start(database, state, workers: 4 - start % 3, string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{(point.StartsWith("recovery", StringComparison.Ordinal) ? 1 : random.Next(1, 6))}"));
            using var writing = new CancellationTokenSource();
            var writer = WriteAsync(database.ConnectionString, random, writing.Token);
            var exit = await process.WaitForExitAsync(TimeSpan.FromSeconds(90));
            await writing.CancelAsync();
            await writer;
            Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}.\n{process.Everything}");
        }

        await using var last = Start(database, state, workers: 4, null);
        var expected = await ExpectedAsync(database.ConnectionString);
        var found = new Dictionary<int, string>();
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    found = await FoundAsync(database.Name);
                    return found.OrderBy(f => f.Key).SequenceEqual(expected.OrderBy(e => e.Key));
                },
                "the topic holds what SQL computes",
                TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={seed}\nexpected {string.Join("; ", expected)}\nfound {string.Join("; ", found)}\n{last.Everything}", e);
        }

        Assert.Equal(0, await last.TerminateAsync());
    }

    private PathwayProcess Start(TestDatabase database, string state, int workers, string? failPoints) => PathwayProcess.StartAssembly(
        "OrdersPerCustomer.dll", ["--postgres", database.ConnectionString, "--kafka", kafka.BootstrapServers, "--state", state, "--name", database.Name, "--topic", database.Name, "--workers", workers.ToString(CultureInfo.InvariantCulture)],
        new Dictionary<string, string?> { [FailPoint.Variable] = failPoints });

    private static async Task WriteAsync(string connection, Random random, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var session = await source.OpenConnectionAsync(CancellationToken.None);
        var next = random.Next(1_000, 1_000_000_000);
        while (!stop.IsCancellationRequested)
        {
            var sql = random.Next(8) switch
            {
                < 3 => $"INSERT INTO orders VALUES ({next++}, {random.Next(1, 26)}, {random.Next(1, 1000)} * 0.25, 'open') ON CONFLICT DO NOTHING",
                3 => $"UPDATE orders SET status = 'cancelled' WHERE id IN (SELECT id FROM orders ORDER BY random() LIMIT 3)",
                4 => $"UPDATE orders SET customer_id = {random.Next(1, 26)}, amount = amount + 1 WHERE id IN (SELECT id FROM orders ORDER BY random() LIMIT 5)",
                5 => $"DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY random() LIMIT 2)",
                6 => $"DELETE FROM customers WHERE id = {random.Next(1, 26)}",
                _ => $"INSERT INTO customers VALUES ({random.Next(1, 26)}, 'again') ON CONFLICT (id) DO UPDATE SET name = excluded.name || '!'",
            };
            await using var command = new NpgsqlCommand(sql, session);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task<Dictionary<int, string>> ExpectedAsync(string connection)
    {
        var rows = new Dictionary<int, string>();
        await using var source = NpgsqlDataSource.Create(connection);
        await using var query = source.CreateCommand("SELECT c.id, count(*), sum(o.amount) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status <> 'cancelled' GROUP BY c.id");
        await using var reader = await query.ExecuteReaderAsync();
        while (await reader.ReadAsync()) rows[reader.GetInt32(0)] = string.Create(CultureInfo.InvariantCulture, $"{reader.GetInt64(1)} orders, {reader.GetDecimal(2):0.00}");
        return rows;
    }

    private async Task<Dictionary<int, string>> FoundAsync(string topic)
    {
        var rows = new Dictionary<int, string>();
        if (!(await kafka.ListTopicsAsync()).Contains(topic)) return rows;
        foreach (var record in await kafka.ConsumeAllAsync(topic))
        {
            var key = int.Parse(record.KeyText!, CultureInfo.InvariantCulture);
            rows.Remove(key);
            if (record.ValueText is not { } value) continue;
            using var json = JsonDocument.Parse(value);
            rows[key] = string.Create(CultureInfo.InvariantCulture, $"{json.RootElement.GetProperty("orders").GetInt64()} orders, {json.RootElement.GetProperty("amount").GetDecimal():0.00}");
        }

        return rows;
    }
}
