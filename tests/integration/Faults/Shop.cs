using System.Globalization;
using Npgsql;

namespace Pathway.Tests.Integration.Faults;

/// <summary>A shop that is written to in random transactions: inserts, updates, deletes, key changes, savepoints; all from one seed.</summary>
internal sealed class Shop(string connection, int seed)
{
    private readonly Random _random = new(seed);
    private int _nextOrder = 1;

    /// <summary>Makes the tables.</summary>
    public async Task CreateAsync()
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var create = source.CreateCommand("""
            CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
            CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, amount bigint NOT NULL, status text NOT NULL, note text);
            INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 20) g;
            """);
        await create.ExecuteNonQueryAsync();
    }

    /// <summary>Writes transactions until <paramref name="stop"/>; returns how many were committed.</summary>
    public async Task<int> WriteAsync(CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var session = await source.OpenConnectionAsync(CancellationToken.None);
        var committed = 0;
        for (; !stop.IsCancellationRequested; committed++) await TransactionAsync(session);
        return committed;
    }

    /// <summary>One random transaction.</summary>
    public async Task TransactionAsync(NpgsqlConnection session)
    {
        await using var transaction = await session.BeginTransactionAsync();
        var statements = _random.Next(1, _random.Next(10) == 0 ? 60 : 6);
        for (var i = 0; i < statements; i++)
        {
            if (_random.Next(20) == 0)
            {
                await transaction.SaveAsync("s");
                await RunAsync(session, Statement());
                await transaction.RollbackAsync("s");
            }

            await RunAsync(session, Statement());
        }

        if (_random.Next(15) == 0) await transaction.RollbackAsync();
        else await transaction.CommitAsync();
    }

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    private string Statement()
    {
        int Any() => _random.Next(Math.Max(1, _nextOrder - 40), _nextOrder + 1);
        return _random.Next(10) switch
        {
            < 4 => string.Create(CultureInfo.InvariantCulture, $"INSERT INTO orders VALUES ({_nextOrder++}, {_random.Next(1, 21)}, {_random.Next(1, 1000)}, 'open', 'it''s \"{_random.Next()}\"') ON CONFLICT DO NOTHING"),
            < 7 => string.Create(CultureInfo.InvariantCulture, $"UPDATE orders SET amount = amount + {_random.Next(1, 9)}, status = '{(_random.Next(4) == 0 ? "cancelled" : "paid")}', note = NULL WHERE id = {Any()}"),
            7 => string.Create(CultureInfo.InvariantCulture, $"DELETE FROM orders WHERE id = {Any()}"),
            8 => string.Create(CultureInfo.InvariantCulture, $"UPDATE orders SET id = {_nextOrder++} WHERE id = {Any()}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"UPDATE customers SET name = 'name {_random.Next()}' WHERE id = {_random.Next(1, 21)}"),
        };
    }
}
