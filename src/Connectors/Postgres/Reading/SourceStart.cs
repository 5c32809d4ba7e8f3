using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Brings a source to where it can stream: checks, publication, slot with a durable intention, or the checks of a resume (protocol, section 4).</summary>
internal sealed class SourceStart(PostgresOptions options, SourceDemand demand, IReadOnlyList<ITableInput> inputs, SourceContext context)
{
    /// <summary>How far the beginning is durable: the intention, then the slot's position; null before. Known also when <see cref="BeginAsync"/> failed behind it.</summary>
    public PostgresPosition? Durable { get; private set; }

    /// <summary>First start, or one that was interrupted before the slot's position was durable: makes what is missing, and returns the durable position to stream from.</summary>
    public async Task<PostgresPosition> BeginAsync(ReplicationStream stream, PostgresPosition? resume, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        if (await PostgresCheck.FindAsync(connection, options, demand, stop).ConfigureAwait(false) is { Count: > 0 } problems) throw PostgresCheck.AsError(options, problems);
        var tables = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
        var slot = await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false);
        if (resume is null && slot is not null) throw Foreign("a slot that was there before us");
        var intended = resume ?? await IntendAsync(stream, connection, tables, again: false, stop).ConfigureAwait(false);
        await PublishAsync(connection, tables, stop).ConfigureAwait(false);
        if (slot is { ConfirmedFlush: null }) slot = await MadeAsync(connection, stop).ConfigureAwait(false);
        if (slot is not null && (slot.ConfirmedFlush ?? Lsn.None) < intended.Lsn) throw Foreign($"a slot confirmed up to {slot.ConfirmedFlush}, before our intention at {intended.Lsn}");
        var keyless = options.InitialLoad ? tables.FindAll(t => !t.HasKey) : [];
        if (slot is not null && keyless.Count > 0) slot = await ForgetAsync(connection, stop).ConfigureAwait(false);
        var (from, snapshot) = slot?.ConfirmedFlush is { } there ? (there, "") : await MakeSlotAsync(stream, intended, stop).ConfigureAwait(false);
        var load = intended.Again ? new LoadProgress([.. tables.Select(t => new PendingTable(t.FullName, null, LoadCause.Again))], 0) : new LoadProgress(null, 0);
        var made = intended with { Intended = false, Again = false, Lsn = from, Load = (options.InitialLoad || intended.Again) && tables.Count > 0 ? load : null };
        // As it is now that it is there: the slot sends what it publishes from its beginning on.
        var publication = await PublicationState.FindAsync(connection, options.PublicationName, stop).ConfigureAwait(false);
        var published = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
        made = made with { Publication = publication?.Stamp, Operations = publication?.Operations, Entries = PostgresPosition.EntriesOf(published) };
        if (keyless.Count > 0) made = await LoadKeylessAsync(keyless, snapshot, made, hasLater: keyless.Count < tables.Count, stop).ConfigureAwait(false);
        await context.Input.CommitAsync(made.ToPosition(), stop).ConfigureAwait(false);
        Durable = made;
        return made;
    }

    /// <summary>The slot was lost, and somebody chose to load everything again: gives it up, and returns the durable intention to make another one.</summary>
    public async Task<PostgresPosition> AbandonAsync(ReplicationStream stream, PostgresPosition position, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        if (stream.System != position.System || connection.Database != position.Database)
            throw Refused("is another database", $"database {connection.Database} of system {stream.System}", $"database {position.Database} of system {position.System}", "Loading again is for the database that was read. Begin anew with an empty state directory.");
        var tables = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
        if (tables.Find(t => !t.HasKey) is { } keyless)
            throw Refused("can't be loaded again", $"table {keyless.FullName} without primary key", "primary keys", "Leave the table out, or begin anew with an empty state directory.");
        await ForgetAsync(connection, stop).ConfigureAwait(false);
        context.Logger.LoadingAll(options.SlotName);
        return await IntendAsync(stream, connection, tables, again: true, stop).ConfigureAwait(false);
    }

    /// <summary>Once streaming holds the slot nobody else can move it: what it is confirmed to now is what counts. The server would silently skip what lies before it.</summary>
    public async Task CheckHeldSlotAsync(PostgresPosition position, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        SlotState.RefuseUnlessOurs(await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false), position, options);
    }

    private async Task<PostgresPosition> IntendAsync(ReplicationStream stream, NpgsqlConnection connection, List<FoundTable> tables, bool again, CancellationToken stop)
    {
        var intended = new PostgresPosition
        {
            Intended = true, Again = again, Lsn = stream.ServerAt, System = stream.System, Timeline = stream.Timeline, Database = connection.Database,
            Tables = tables.ToDictionary(t => t.FullName, t => t.Identity.ToString()), Parts = PostgresPosition.PartsOf(tables),
        };
        await context.Input.CommitAsync(intended.ToPosition(), stop).ConfigureAwait(false);
        Durable = intended;
        FailPoint.Hit(FailPoints.SourceAfterIntention);
        return intended;
    }

    private async Task PublishAsync(NpgsqlConnection connection, List<FoundTable> tables, CancellationToken stop)
    {
        if (await PostgresCheck.PublishedAsync(connection, options.PublicationName, stop).ConfigureAwait(false) is not null) return;
        await using var create = new NpgsqlCommand($"CREATE PUBLICATION {FoundTable.Quote(options.PublicationName)} FOR TABLE {string.Join(", ", tables.Select(t => t.Sql))}{(tables.Exists(t => t.IsPartitioned) ? " WITH (publish_via_partition_root = true)" : "")}", connection);
        await create.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        context.Logger.PublicationMade(options.PublicationName, string.Join(", ", tables.Select(t => t.FullName)));
        FailPoint.Hit(FailPoints.SourceAfterPublication);
    }

    // The snapshot that a slot was made with goes with the connection that made it: of tables without key nothing can be loaded any more, and nothing was read from the slot yet.
    private async Task<SlotState?> ForgetAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var drop = new NpgsqlCommand("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", connection) { Parameters = { new NpgsqlParameter { Value = options.SlotName } } };
        await drop.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        return null;
    }

    private async Task<PostgresPosition> LoadKeylessAsync(List<FoundTable> tables, string snapshot, PostgresPosition made, bool hasLater, CancellationToken stop)
    {
        var load = new SnapshotLoad(options, inputs, context);
        try
        {
            await load.RunAsync(tables, snapshot, made, hasLater, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (load.HasBegun && PostgresFaults.IsTransient(e))
        {
            throw new ConnectorException($"The load of tables without primary key was interrupted: {PostgresFaults.Told(e, options).Message} The process has to start again; nothing of it was committed.", e);
        }

        context.Logger.KeylessLoaded(string.Join(", ", tables.Select(t => t.FullName)), load.Rows);
        return made with { Load = new LoadProgress(null, load.Rows, tables.Count) };
    }

    // We were killed while the server was making our slot. It goes on with that, waiting for the transactions that ran before, and doesn't notice that nobody waits for its answer.
    private async Task<SlotState?> MadeAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        context.Logger.SlotBeingMade(options.SlotName);
        while (true)
        {
            var slot = await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false);
            if (slot is not { ConfirmedFlush: null }) return slot;
            await Task.Delay(TimeSpan.FromMilliseconds(100), context.Time, stop).ConfigureAwait(false);
        }
    }

    private async Task<(Lsn At, string Snapshot)> MakeSlotAsync(ReplicationStream stream, PostgresPosition intended, CancellationToken stop)
    {
        context.Logger.MakingSlot(options.SlotName);
        try
        {
            var from = await stream.CreateSlotAsync(options.SlotName, stop).ConfigureAwait(false);
            context.Logger.SlotMade(options.SlotName, from.At);
            FailPoint.Hit(FailPoints.SourceAfterSlot);
            return from;
        }
        catch (PostgresException e) when (e.SqlState == "42710")
        {
            // Somebody made one of this name after we had seen none. It isn't ours, whatever it is confirmed to.
            throw Foreign($"a slot that was made by somebody else just now, after our intention at {intended.Lsn}");
        }
    }

    private RefusalException Foreign(string found) =>
        Refused($"has a replication slot '{options.SlotName}' that isn't ours", found, "no slot of this name", "Choose another slot or pipeline name; drop the slot if nobody needs it.");

    private RefusalException Refused(string what, string found, string expected, string remedy) => new($"PostgreSQL {options.Place} {what}", found, expected, remedy);
}
