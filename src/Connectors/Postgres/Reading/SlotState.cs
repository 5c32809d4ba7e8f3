using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What the server says of a replication slot.</summary>
internal sealed record SlotState(string Plugin, string? Database, bool IsLogical, int? ActivePid, Lsn? ConfirmedFlush, string? WalStatus)
{
    /// <summary>The slot <paramref name="slot"/>; null if there is none.</summary>
    public static async Task<SlotState?> FindAsync(NpgsqlConnection connection, string slot, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(
            "SELECT plugin::text, database::text, slot_type = 'logical', active_pid, confirmed_flush_lsn::text, wal_status FROM pg_replication_slots WHERE slot_name = $1", connection)
        {
            Parameters = { new NpgsqlParameter { Value = slot } },
        };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        if (!await reader.ReadAsync(stop).ConfigureAwait(false)) return null;
        return new SlotState(
            reader.IsDBNull(0) ? "" : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2), reader.IsDBNull(3) ? null : reader.GetInt32(3),
            reader.IsDBNull(4) ? null : Lsn.Parse(reader.GetString(4)), reader.IsDBNull(5) ? null : reader.GetString(5));
    }

    /// <summary>Refuses a slot that can't be the one that <paramref name="position"/> was read from: a gap would be silent otherwise.</summary>
    public static void RefuseUnlessOurs(SlotState? slot, PostgresPosition position, PostgresOptions options)
    {
        if (WhyNotOurs(slot, position, options) is { } refusal) throw refusal;
    }

    /// <summary>Why a slot can't be the one that <paramref name="position"/> was read from; null if it can.</summary>
    public static RefusalException? WhyNotOurs(SlotState? slot, PostgresPosition position, PostgresOptions options)
    {
        const string anew = "What was written in between is lost for this pipeline: load again, with another name or slot and an empty state directory.";
        if (slot is null) return Refused("is gone", "no slot of this name", anew);
        if (!slot.IsLogical || slot.Plugin != "pgoutput" || slot.Database != position.Database)
            return Refused("is another one", $"a slot of plugin '{slot.Plugin}' in database '{slot.Database}'", "Choose a slot name that is free.");
        if (slot.WalStatus == "lost") return Refused("was invalidated by the server (max_slot_wal_keep_size)", "wal_status 'lost'", anew);
        if (slot.ConfirmedFlush is { } confirmed && confirmed > position.Lsn)
            return Refused("is confirmed beyond our position: something else read it, or it was made anew", $"confirmed up to {confirmed}", anew);
        return null;

        RefusalException Refused(string what, string found, string remedy) =>
            new($"replication slot '{options.SlotName}' of {options.Place} {what}", found, $"the slot that we read up to {position.Lsn}", remedy);
    }
}
