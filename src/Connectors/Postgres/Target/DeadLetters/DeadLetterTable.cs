using Npgsql;
using NpgsqlTypes;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The table with the rows that a target refused, and which of them are open: neither sent again nor followed by a later row of their key.</summary>
/// <remarks>
/// It lies in the target's own database and is written in the transaction of the rows beside them, so that a row stands in its table or here, once, whatever fails. Invariant: of a key at most one letter is open, and it holds the row as
/// it would be. What is known of open letters holds for one session: any fault ends that.
/// </remarks>
internal sealed class DeadLetterTable(PostgresTargetOptions options, string pipeline)
{
    private readonly Dictionary<string, HashSet<string>> _open = new(StringComparer.Ordinal); // keys by table
    private readonly List<long> _unplaced = [];

    /// <summary>The table as SQL.</summary>
    public static string Sql(PostgresTargetOptions options)
    {
        var (schema, name) = TargetTable.Split(options.DeadLetters!);
        return $"{FoundTable.Quote(schema)}.{FoundTable.Quote(name)}";
    }

    private string Table { get; } = Sql(options);

    /// <summary>Makes the table where it is missing, and learns which letters are open.</summary>
    public async Task OpenAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (!await ExistsAsync(connection, options, stop).ConfigureAwait(false)) await CreateAsync(connection, stop).ConfigureAwait(false);
        await using var command = Command(connection, $"SELECT table_name, key FROM {Table} WHERE pipeline_name = $1 AND target = $2 AND closed IS NULL AND key IS NOT NULL");
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false)) KeysOf(reader.GetString(0)).Add(reader.GetString(1));
    }

    /// <summary>Whether the table is there.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection connection, PostgresTargetOptions options, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection) { Parameters = { new NpgsqlParameter { Value = Sql(options) } } };
        return (bool)(await command.ExecuteScalarAsync(stop).ConfigureAwait(false))!;
    }

    /// <summary>Whether a table has open letters with keys.</summary>
    public bool HasOpen(TargetTable table) => _open.TryGetValue(table.FullName, out var keys) && keys.Count > 0;

    /// <summary>Whether there is an open letter for a key.</summary>
    public bool IsOpen(TargetTable table, string? key) => key is not null && _open.TryGetValue(table.FullName, out var keys) && keys.Contains(key);

    /// <summary>The rows of open letters by key, as JSON; without those of deletes.</summary>
    public async Task<Dictionary<string, string>> FindRowsAsync(NpgsqlConnection connection, TargetTable table, IReadOnlyList<string> keys, CancellationToken stop)
    {
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        if (keys.Count == 0) return rows;
        await using var command = Command(
            connection, $"SELECT key, row::text FROM {Table} WHERE pipeline_name = $1 AND target = $2 AND closed IS NULL AND table_name = $3 AND key = ANY ($4) AND row IS NOT NULL", Of(table.FullName), Of(keys));
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false)) rows[reader.GetString(0)] = reader.GetString(1);
        return rows;
    }

    /// <summary>Adds letters; earlier ones of their keys are closed.</summary>
    public async Task AddAsync(NpgsqlConnection connection, TargetTable table, IReadOnlyList<PutAside> letters, CancellationToken stop)
    {
        string[] before = [.. letters.Where(l => IsOpen(table, l.Key)).Select(l => l.Key!)];
        if (before.Length > 0) await CloseAsync(connection, table, before, stop).ConfigureAwait(false);
        await using var command = Command(
            connection,
            $"""
            INSERT INTO {Table} (pipeline_name, target, table_name, destination, key, row, reason, sqlstate)
            SELECT $1, $2, $3, $4, key, row::json, reason, sqlstate FROM unnest($5, $6, $7, $8) l(key, row, reason, sqlstate) RETURNING id
            """,
            Of(table.FullName), Of(table.ToDestination()), Of([.. letters.Select(l => l.Key)]), Of([.. letters.Select(l => l.Row)]), Of([.. letters.Select(l => l.Reason)]), Of([.. letters.Select(l => l.State)]));
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false)) _unplaced.Add(reader.GetInt64(0));
        if (table.IsKeyed) KeysOf(table.FullName).UnionWith(letters.Select(l => l.Key!));
    }

    /// <summary>Closes the letters of some keys: later rows took their place.</summary>
    public async Task CloseAsync(NpgsqlConnection connection, TargetTable table, IReadOnlyList<string> keys, CancellationToken stop)
    {
        await using var command = Command(
            connection, $"UPDATE {Table} SET closed = clock_timestamp(), closed_by = 'a later row' WHERE pipeline_name = $1 AND target = $2 AND closed IS NULL AND table_name = $3 AND key = ANY ($4)",
            Of(table.FullName), Of(keys));
        await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        KeysOf(table.FullName).ExceptWith(keys);
    }

    /// <summary>Closes all letters of a table, which was emptied.</summary>
    public async Task CloseAllAsync(NpgsqlConnection connection, TargetTable table, CancellationToken stop)
    {
        await using var command = Command(connection, $"UPDATE {Table} SET closed = clock_timestamp(), closed_by = 'TRUNCATE' WHERE pipeline_name = $1 AND target = $2 AND closed IS NULL AND table_name = $3", Of(table.FullName));
        await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        KeysOf(table.FullName).Clear();
    }

    /// <summary>Says of the letters of this transaction where they stand. Returns how many there are.</summary>
    public async Task<int> PlaceAsync(NpgsqlConnection connection, Marker marker, CancellationToken stop)
    {
        if (_unplaced.Count == 0) return 0;
        var position = string.Join("; ", marker.Frontier.Positions.Select(p => $"{p.Key} {p.Value.Text}"));
        await using var command = new NpgsqlCommand($"UPDATE {Table} SET commit = $1, source_position = $2 WHERE id = ANY ($3)", connection)
        {
            Parameters = { new NpgsqlParameter { Value = (decimal)marker.Commit.Value }, new NpgsqlParameter { Value = position }, new NpgsqlParameter { Value = _unplaced.ToArray() } },
        };
        await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        var count = _unplaced.Count;
        _unplaced.Clear();
        return count;
    }

    private async Task CreateAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var (schema, name) = TargetTable.Split(options.DeadLetters!);
        var sql = $"""
            SELECT pg_advisory_xact_lock(hashtext('pathway.dead_letters'));
            CREATE SCHEMA IF NOT EXISTS {FoundTable.Quote(schema)};
            CREATE TABLE IF NOT EXISTS {Table} (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
                pipeline_name text NOT NULL, target text NOT NULL, table_name text NOT NULL, destination text NOT NULL, key text, row json,
                reason text NOT NULL, sqlstate text NOT NULL, commit numeric(20), source_position text, closed timestamptz, closed_by text);
            CREATE INDEX IF NOT EXISTS {FoundTable.Quote(name[..Math.Min(name.Length, 55)] + "_open")} ON {Table} (pipeline_name, target, table_name, key) WHERE closed IS NULL;
            COMMENT ON TABLE {Table} IS 'Rows that pipelines of Pathway couldn''t write; `pathway dlq` lists them and sends them again. Written in the transactions of the data.';
            """;
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using (var command = new NpgsqlCommand(sql, connection, transaction)) await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
    }

    private HashSet<string> KeysOf(string table)
    {
        if (!_open.TryGetValue(table, out var keys)) _open.Add(table, keys = new HashSet<string>(StringComparer.Ordinal));
        return keys;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] more)
    {
        var command = new NpgsqlCommand(sql, connection) { Parameters = { Of(pipeline), Of(options.Name) } };
        foreach (var parameter in more) command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter Of(IReadOnlyList<string?> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Of(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}

/// <summary>A row that a target refused.</summary>
/// <param name="Key">Its key; null for a table without one.</param>
/// <param name="Row">The row; null for a delete.</param>
/// <param name="Reason">Why.</param>
/// <param name="State">The server's code for that.</param>
internal sealed record PutAside(string? Key, string? Row, string Reason, string State);
