using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The table of markers, and our row in it: fence, marker, and which server process delivers.</summary>
/// <remarks>
/// A claim raises the row's generation; a delivery locks the row under its own generation before anything else, so that nobody can take over in its middle without ending it, and writes the
/// marker last. A successor that waits for that lock ends the process that holds it.
/// </remarks>
internal sealed class ProgressTable(PostgresTargetOptions options, string pipeline, ILogger logger)
{
    private const int ClaimAttempts = 10;
    private const string LockNotAvailable = "55P03";
    private readonly string _table = $"{FoundTable.Quote(options.ProgressSchema)}.progress";

    private const string Key = "pipeline_name = $1 AND target = $2 AND part = 0";

    /// <summary>The failure of one that was fenced.</summary>
    public static FencedException Fenced(string description, Exception? cause = null) => new($"Another instance of this pipeline took over {description}.", cause);

    /// <summary>Makes the table where it is missing.</summary>
    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (await ExistsAsync(connection, stop).ConfigureAwait(false)) return;
        // Two that create at once: IF NOT EXISTS alone would let one of them fail.
        var sql = $"""
            SELECT pg_advisory_xact_lock(hashtext('pathway.progress'));
            CREATE SCHEMA IF NOT EXISTS {FoundTable.Quote(options.ProgressSchema)};
            CREATE TABLE IF NOT EXISTS {_table} (
                pipeline_name text NOT NULL, target text NOT NULL, part int NOT NULL,
                generation bigint NOT NULL, backend_pid int NOT NULL, backend_start timestamptz NOT NULL,
                pipeline uuid, incarnation uuid, commit numeric(20) NOT NULL DEFAULT 0, position_in_commit bigint NOT NULL DEFAULT 0, marker text, delivered timestamptz,
                PRIMARY KEY (pipeline_name, target, part));
            COMMENT ON TABLE {_table} IS 'How far each pipeline of Pathway has delivered. Written in the transactions of the data; don''t change it by hand.';
            """;
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using (var command = new NpgsqlCommand(sql, connection, transaction)) await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
    }

    /// <summary>The marker in our row; null if there is none.</summary>
    public async Task<Marker?> ReadAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (!await ExistsAsync(connection, stop).ConfigureAwait(false)) return null;
        await using var command = Command(connection, $"SELECT marker FROM {_table} WHERE {Key}");
        return await command.ExecuteScalarAsync(stop).ConfigureAwait(false) is string text ? Marker.FromJson(Encoding.UTF8.GetBytes(text)) : null;
    }

    /// <summary>The generation in our row; null if there is none.</summary>
    public async Task<long?> ReadGenerationAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = Command(connection, $"SELECT generation FROM {_table} WHERE {Key}");
        return await command.ExecuteScalarAsync(stop).ConfigureAwait(false) as long?;
    }

    /// <summary>Takes the row over, and reads the marker behind the fence.</summary>
    /// <param name="connection">The connection that will deliver.</param>
    /// <param name="other">Opens another, for ending a predecessor that hangs in its transaction.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<(long Generation, Marker? Marker)> ClaimAsync(NpgsqlConnection connection, Func<Task<NpgsqlConnection>> other, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ClaimOnceAsync(connection, stop).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == LockNotAvailable && attempt < ClaimAttempts)
            {
                await using var second = await other().ConfigureAwait(false);
                await EndPredecessorAsync(second, stop).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Locks our row for the transaction; false if it isn't ours any more.</summary>
    public async Task<bool> LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, long generation, CancellationToken stop)
    {
        await using var command = Command(connection, $"SELECT true FROM {_table} WHERE {Key} AND generation = $3 FOR UPDATE", Of(generation));
        command.Transaction = transaction;
        return await command.ExecuteScalarAsync(stop).ConfigureAwait(false) is true;
    }

    /// <summary>Writes the marker; false if the row isn't ours, or isn't where we left it.</summary>
    public async Task<bool> AdvanceAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, long generation, Marker? from, Marker to, CancellationToken stop)
    {
        await using var command = Command(
            connection,
            $"""
            UPDATE {_table} SET pipeline = $6, incarnation = $7, commit = $8, position_in_commit = $9, marker = $10, delivered = clock_timestamp()
            WHERE {Key} AND generation = $3 AND commit = $4 AND position_in_commit = $5
            """,
            Of(generation), OfCommit(from), Of(from?.Offset ?? 0), new NpgsqlParameter { Value = to.Pipeline.Value }, new NpgsqlParameter { Value = to.Incarnation.Value }, OfCommit(to), Of(to.Offset),
            new NpgsqlParameter { Value = to.ToJson() });
        command.Transaction = transaction;
        return await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false) == 1;
    }

    private async Task<(long Generation, Marker? Marker)> ClaimOnceAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using (var timeout = new NpgsqlCommand("SET LOCAL lock_timeout = '2s'", connection, transaction)) await timeout.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        long generation;
        string? marker;
        await using (var command = Command(
            connection,
            $"""
            INSERT INTO {_table} AS p (pipeline_name, target, part, generation, backend_pid, backend_start)
            SELECT $1, $2, 0, 1, pg_backend_pid(), (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))
            ON CONFLICT (pipeline_name, target, part) DO UPDATE SET generation = p.generation + 1, backend_pid = excluded.backend_pid, backend_start = excluded.backend_start
            RETURNING generation, marker
            """))
        {
            command.Transaction = transaction;
            await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
            await reader.ReadAsync(stop).ConfigureAwait(false);
            (generation, marker) = (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1));
        }

        await transaction.CommitAsync(stop).ConfigureAwait(false);
        FailPoint.Hit(FailPoints.ClaimAfterFence);
        logger.TargetFenced(options.Name, generation);
        return (generation, marker is null ? null : Marker.FromJson(Encoding.UTF8.GetBytes(marker)));
    }

    private async Task EndPredecessorAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = Command(
            connection, $"SELECT a.pid, pg_terminate_backend(a.pid) FROM {_table} p JOIN pg_stat_activity a ON a.pid = p.backend_pid AND a.backend_start = p.backend_start WHERE p.pipeline_name = $1 AND p.target = $2 AND p.part = 0");
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        if (await reader.ReadAsync(stop).ConfigureAwait(false)) logger.PredecessorEnded(options.Name, reader.GetInt32(0));
    }

    private async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection) { Parameters = { new NpgsqlParameter { Value = _table } } };
        return (bool)(await command.ExecuteScalarAsync(stop).ConfigureAwait(false))!;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] more)
    {
        var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { Value = pipeline }, new NpgsqlParameter { Value = options.Name } } };
        foreach (var parameter in more) command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter Of(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter OfCommit(Marker? marker) => new() { Value = (decimal)(marker?.Commit.Value ?? 0), NpgsqlDbType = NpgsqlDbType.Numeric };
}
