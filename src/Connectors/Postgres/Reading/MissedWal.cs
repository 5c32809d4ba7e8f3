using System.Globalization;
using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>Whether the WAL between our position and the beginning of a new slot holds the end of a transaction, which that slot will never send.</summary>
internal static class MissedWal
{
    /// <summary>Why it can't be said that nothing was missed; null when nothing was.</summary>
    /// <param name="options">The server that has the WAL.</param>
    /// <param name="from">Our position.</param>
    /// <param name="to">Where the slot begins.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<string?> WhyAsync(PostgresOptions options, Lsn from, Lsn to, CancellationToken stop)
    {
        if (from >= to) return null;
        // A connection of its own: after an error of the server's files the driver closes it.
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        await using var find = new NpgsqlCommand("SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_walinspect'", connection);
        if (await find.ExecuteScalarAsync(stop).ConfigureAwait(false) is not string schema)
            return $"the slot begins at {to}, and without the extension pg_walinspect it can't be seen whether a transaction ended between {from} and there";
        try
        {
            await using var count = new NpgsqlCommand(
                $"SELECT count(*) FROM {FoundTable.Quote(schema)}.pg_get_wal_records_info($1::pg_lsn, $2::pg_lsn) WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'", connection)
            {
                Parameters = { new NpgsqlParameter { Value = from.ToString() }, new NpgsqlParameter { Value = to.ToString() } },
            };
            var missed = (long)(await count.ExecuteScalarAsync(stop).ConfigureAwait(false))!;
            return missed == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"the slot begins at {to}, and {missed} transactions ended between {from} and there");
        }
        catch (PostgresException e)
        {
            return $"the slot begins at {to}, and the WAL between {from} and there can't be looked at: {e.MessageText}";
        }
    }
}
