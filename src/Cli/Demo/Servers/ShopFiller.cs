using Npgsql;
using NpgsqlTypes;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>Writes the made-up shop into a real Postgres: each of its transactions is one there, with the progress in the same transaction, so that it can be stopped and started at will.</summary>
internal sealed class ShopFiller(NpgsqlDataSource database, ShopGenerator shop, GeneratorOptions options)
{
    private const string Schema =
        """
        CREATE SCHEMA IF NOT EXISTS demo;
        CREATE TABLE IF NOT EXISTS demo.customers (id integer PRIMARY KEY, name text NOT NULL, country text NOT NULL);
        CREATE TABLE IF NOT EXISTS demo.orders (id integer PRIMARY KEY, customer_id integer NOT NULL, amount numeric(12, 2) NOT NULL, status text NOT NULL);
        CREATE TABLE IF NOT EXISTS demo.progress (transaction bigint NOT NULL, rows bigint NOT NULL, settings text NOT NULL);
        """;

    /// <summary>Where the writing stands.</summary>
    public GeneratorPosition Position { get; private set; } = new(0, 0, shop.Settings);

    /// <summary>A place in the WAL that lies before the end of the last transaction; null before the first.</summary>
    public string? LastLsn { get; private set; }

    /// <summary>Makes the tables where they are absent, and reads where an earlier run stopped.</summary>
    /// <exception cref="RefusalException">The tables hold another shop.</exception>
    public async Task PrepareAsync(CancellationToken stop)
    {
        await using (var schema = database.CreateCommand(Schema)) await schema.ExecuteNonQueryAsync(stop);
        await using var query = database.CreateCommand("SELECT transaction, rows, settings FROM demo.progress");
        await using var reader = await query.ExecuteReaderAsync(stop);
        if (!await reader.ReadAsync(stop)) return;
        Position = new GeneratorPosition(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2));
        if (Position.Settings != shop.Settings)
            throw new RefusalException("the schema demo holds another shop", Position.Settings, shop.Settings, "Give the same --seed, or drop the schema: DROP SCHEMA demo CASCADE.");
    }

    /// <summary>Writes until there are enough rows or <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pacer = new Pacer(options.Rate, TimeProvider.System);
        await using var connection = await database.OpenConnectionAsync(stop);
        // Losing the last transactions of a crash does no harm here: they are made up again, progress and all.
        await using (var setting = new NpgsqlCommand("SET synchronous_commit = off", connection)) await setting.ExecuteNonQueryAsync(stop);
        while (Position.Rows < (options.Rows ?? long.MaxValue))
        {
            var transaction = shop.NewBatch(16);
            shop.Generate(Position.Transaction + 1, transaction);
            await pacer.WaitAsync(transaction.Rows, stop);
            var next = Position with { Transaction = Position.Transaction + 1, Rows = Position.Rows + transaction.Rows };
            LastLsn = await WriteAsync(connection, transaction, next, stop);
            Position = next;
        }
    }

    private static async Task<string> WriteAsync(NpgsqlConnection connection, GeneratedBatch transaction, GeneratorPosition next, CancellationToken stop)
    {
        // Without a transaction of its own a batch is one.
        await using var batch = new NpgsqlBatch(connection);
        AddCustomers(batch, transaction.Table<Upsert<int, ShopCustomer>>(ShopGenerator.CustomersTable));
        AddOrders(batch, transaction.Table<Upsert<int, ShopOrder>>(ShopGenerator.OrdersTable));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM demo.progress"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO demo.progress VALUES ($1, $2, $3) RETURNING pg_current_wal_insert_lsn()::text")
        {
            Parameters = { new NpgsqlParameter { Value = next.Transaction }, new NpgsqlParameter { Value = next.Rows }, new NpgsqlParameter { Value = next.Settings } },
        });
        return (string)(await batch.ExecuteScalarAsync(stop))!;
    }

    private static void AddCustomers(NpgsqlBatch batch, RowBuffer<Upsert<int, ShopCustomer>> changes)
    {
        var (gone, rows) = Split(changes);
        if (gone.Length > 0) batch.BatchCommands.Add(Command("DELETE FROM demo.customers WHERE id = ANY($1)", (NpgsqlDbType.Integer, gone)));
        if (rows.Length == 0) return;
        batch.BatchCommands.Add(Command(
            "INSERT INTO demo.customers SELECT * FROM unnest($1, $2, $3) ON CONFLICT (id) DO UPDATE SET name = excluded.name, country = excluded.country",
            (NpgsqlDbType.Integer, rows.Select(r => r.Id).ToArray()), (NpgsqlDbType.Text, rows.Select(r => r.Name).ToArray()), (NpgsqlDbType.Text, rows.Select(r => r.Country).ToArray())));
    }

    private static void AddOrders(NpgsqlBatch batch, RowBuffer<Upsert<int, ShopOrder>> changes)
    {
        var (gone, rows) = Split(changes);
        if (gone.Length > 0) batch.BatchCommands.Add(Command("DELETE FROM demo.orders WHERE id = ANY($1)", (NpgsqlDbType.Integer, gone)));
        if (rows.Length == 0) return;
        batch.BatchCommands.Add(Command(
            "INSERT INTO demo.orders SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, amount = excluded.amount, status = excluded.status",
            (NpgsqlDbType.Integer, rows.Select(r => r.Id).ToArray()), (NpgsqlDbType.Integer, rows.Select(r => r.CustomerId).ToArray()),
            (NpgsqlDbType.Numeric, rows.Select(r => r.Amount).ToArray()), (NpgsqlDbType.Text, rows.Select(r => r.Status.ToString()).ToArray())));
    }

    // Within one transaction of the shop a key is deleted before it is used again, never after: deletes first is its own order.
    private static (int[] Gone, TRow[] Rows) Split<TRow>(RowBuffer<Upsert<int, TRow>> changes)
    {
        var (gone, rows) = (new List<int>(), new List<TRow>());
        foreach (ref readonly var change in changes.Rows)
        {
            if (change.IsDelete) gone.Add(change.Key);
            else rows.Add(change.Row!);
        }

        return ([.. gone], [.. rows]);
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<(NpgsqlDbType Element, Array Values)> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var (element, values) in parameters) command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | element, Value = values });
        return command;
    }
}
