using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Looks every few seconds at what our slot costs the server, tells it, and warns while there is time; writes a heartbeat into the WAL where that was asked for.</summary>
/// <remarks>On a connection and a task of its own: it goes on looking while the stream waits for a target.</remarks>
internal sealed class WalWatch(PostgresOptions options, SourceContext context)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private const string Query = """
        SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint, pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint, s.wal_status, s.safe_wal_size,
               coalesce(t.spill_bytes, 0), coalesce(t.stream_bytes, 0)
        FROM pg_replication_slots s LEFT JOIN pg_stat_replication_slots t USING (slot_name) WHERE s.slot_name = $1
        """;

    private bool _warned;

    /// <summary>Runs until <paramref name="stop"/>. Faults of the server are left to the stream, which meets them too.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var every = options.WalHeartbeatEvery is { } beat && beat < LookEvery ? beat : LookEvery;
        var (looked, beaten) = (context.Time.GetTimestamp(), context.Time.GetTimestamp());
        for (var isFirst = true; !stop.IsCancellationRequested; isFirst = false)
        {
            try
            {
                await using var connection = new NpgsqlConnection(options.SqlConnection);
                await connection.OpenAsync(stop).ConfigureAwait(false);
                if (options.WalHeartbeatEvery is { } due && context.Time.GetElapsedTime(beaten) >= due)
                {
                    beaten = context.Time.GetTimestamp();
                    await BeatAsync(connection, stop).ConfigureAwait(false);
                }

                if (isFirst || context.Time.GetElapsedTime(looked) >= LookEvery)
                {
                    looked = context.Time.GetTimestamp();
                    await LookAsync(connection, stop).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (PostgresFaults.IsTransient(e) || e is PostgresException)
            {
                context.Logger.WalNotSeen(PostgresFaults.Told(e, options).Message);
            }

            await Task.Delay(every, context.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Not transactional: it needs no transaction id, and the stream has it at once.
    private static async Task BeatAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var beat = new NpgsqlCommand("SELECT pg_logical_emit_message(false, $1, '')::text", connection) { Parameters = { new NpgsqlParameter { Value = ChunkReader.MessagePrefix } } };
        await beat.ExecuteScalarAsync(stop).ConfigureAwait(false);
    }

    private async Task LookAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(Query, connection) { Parameters = { new NpgsqlParameter { Value = options.SlotName } } };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        if (!await reader.ReadAsync(stop).ConfigureAwait(false)) return;
        var state = new WalState(Number(0) ?? 0, Number(1) ?? 0, reader.IsDBNull(2) ? "" : reader.GetString(2), Number(3), reader.GetInt64(4), reader.GetInt64(5));
        if (options.Commands is { } commands) commands.Wal = state;
        WalMetrics.Set(options.SlotName, state);
        Warn(state);

        long? Number(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
    }

    // Once, until it is well again.
    private void Warn(WalState state)
    {
        var isNear = state.Status is "extended" or "unreserved" or "lost" || state.SafeBytes < options.WarnBelowSafeBytes || state.RetainedBytes > options.WarnAboveRetainedBytes;
        if (isNear && !_warned) context.Logger.WalRunsOut(options.SlotName, state.RetainedBytes, state.Status, state.SafeBytes?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no limit of");
        else if (!isNear && _warned) context.Logger.WalIsWell(options.SlotName, state.RetainedBytes);
        _warned = isNear;
    }
}

/// <summary>What a replication slot costs the server.</summary>
/// <param name="LagBytes">WAL that isn't confirmed yet.</param>
/// <param name="RetainedBytes">WAL that the server keeps for the slot.</param>
/// <param name="Status">The server's word for it: reserved, extended, unreserved, lost.</param>
/// <param name="SafeBytes">WAL that may still be written before the slot is in danger; null where the server sets no limit.</param>
/// <param name="SpilledBytes">What the server spilled to its disk while decoding.</param>
/// <param name="StreamedBytes">What it streamed of transactions before their end.</param>
public sealed record WalState(long LagBytes, long RetainedBytes, string Status, long? SafeBytes, long SpilledBytes, long StreamedBytes);
