using System.Globalization;
using Npgsql;

namespace Pathway.Benchmarks.Cdc;

/// <summary>The one table of these benchmarks: 8 columns, about 130 bytes a row as text.</summary>
internal static class BenchTable
{
    public const string Create = """
        CREATE TABLE bench (id bigint PRIMARY KEY, customer int NOT NULL, amount numeric(12,2) NOT NULL, status text NOT NULL,
          created timestamp NOT NULL, note varchar(80), active boolean NOT NULL, score double precision)
        """;

    private const string Columns = """
        g, (g % 5000)::int, (g % 100000)::numeric / 100, CASE g % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'shipped' END,
        timestamp '2024-01-01 00:00:00' + g * interval '1 second', 'note number ' || g || ' of a row with some text', g % 2 = 0, g * 0.5
        """;

    /// <summary>Inserts rows <paramref name="from"/> … <paramref name="from"/> + <paramref name="count"/> in transactions of <paramref name="rowsEach"/> rows, on the server.</summary>
    public static async Task InsertAsync(string connection, long from, long count, int rowsEach)
    {
        await WriteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
            DO $$ BEGIN
              FOR i IN 0 .. {count / rowsEach - 1} LOOP
                INSERT INTO bench SELECT {Columns} FROM generate_series({from} + i * {rowsEach}, {from} + (i + 1) * {rowsEach} - 1) g;
                COMMIT;
              END LOOP;
            END $$
            """));
    }

    /// <summary>Runs what writes many transactions. Nobody waits for the disk: the WAL is the same.</summary>
    public static Task WriteAsync(string connection, string sql) => ExecuteAsync(connection + ";Options=-c synchronous_commit=off", sql);

    public static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<string> ScalarAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)!;
    }
}
