using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Brings a source to where it can stream: checks, publication, slot with a durable intention, or the checks of a resume (protocol, section 4).</summary>
internal sealed class SourceStart(PostgresOptions options, SourceDemand demand, SourceContext context)
{
    /// <summary>How far the beginning is durable: the intention, then the slot's position; null before. Known also when <see cref="BeginAsync"/> failed behind it.</summary>
    public PostgresPosition? Durable { get; private set; }

    /// <summary>First start, or one that was interrupted before the slot's position was durable: makes what is missing, and returns the durable position to stream from.</summary>
    public async Task<PostgresPosition> BeginAsync(ReplicationStream stream, PostgresPosition? resume, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        if (await PostgresCheck.FindAsync(connection, options, demand, stop).ConfigureAwait(false) is { Count: > 0 } problems) throw PostgresCheck.AsError(options, problems);
        var tables = await FoundTable.FindAsync(connection, demand.Patterns, stop).ConfigureAwait(false);
        var slot = await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false);
        if (resume is null && slot is not null) throw Foreign("a slot that was there before us");
        var intended = resume ?? await IntendAsync(stream, connection, tables, stop).ConfigureAwait(false);
        await PublishAsync(connection, tables, stop).ConfigureAwait(false);
        if (slot is { ConfirmedFlush: null }) slot = await MadeAsync(connection, stop).ConfigureAwait(false);
        if (slot is not null && (slot.ConfirmedFlush ?? Lsn.None) < intended.Lsn) throw Foreign($"a slot confirmed up to {slot.ConfirmedFlush}, before our intention at {intended.Lsn}");
        var from = slot?.ConfirmedFlush ?? await MakeSlotAsync(stream, intended, stop).ConfigureAwait(false);
        var made = intended with { Intended = false, Lsn = from, Load = options.InitialLoad && tables.Count > 0 ? new LoadProgress(null, null, 0) : null };
        await context.Input.CommitAsync(made.ToPosition(), stop).ConfigureAwait(false);
        Durable = made;
        return made;
    }

    /// <summary>Once streaming holds the slot nobody else can move it: what it is confirmed to now is what counts. The server would silently skip what lies before it.</summary>
    public async Task CheckHeldSlotAsync(PostgresPosition position, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        SlotState.RefuseUnlessOurs(await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false), position, options);
    }

    private async Task<PostgresPosition> IntendAsync(ReplicationStream stream, NpgsqlConnection connection, List<FoundTable> tables, CancellationToken stop)
    {
        var intended = new PostgresPosition
        {
            Intended = true, Lsn = stream.ServerAt, System = stream.System, Timeline = stream.Timeline, Database = connection.Database,
            Tables = tables.ToDictionary(t => t.FullName, t => t.Identity.ToString()),
        };
        await context.Input.CommitAsync(intended.ToPosition(), stop).ConfigureAwait(false);
        Durable = intended;
        FailPoint.Hit(FailPoints.SourceAfterIntention);
        return intended;
    }

    private async Task PublishAsync(NpgsqlConnection connection, List<FoundTable> tables, CancellationToken stop)
    {
        if (await PostgresCheck.PublishedAsync(connection, options.PublicationName, stop).ConfigureAwait(false) is not null) return;
        await using var create = new NpgsqlCommand($"CREATE PUBLICATION {FoundTable.Quote(options.PublicationName)} FOR TABLE {string.Join(", ", tables.Select(t => t.Sql))}", connection);
        await create.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        context.Logger.PublicationMade(options.PublicationName, string.Join(", ", tables.Select(t => t.FullName)));
        FailPoint.Hit(FailPoints.SourceAfterPublication);
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

    private async Task<Lsn> MakeSlotAsync(ReplicationStream stream, PostgresPosition intended, CancellationToken stop)
    {
        context.Logger.MakingSlot(options.SlotName);
        try
        {
            var from = await stream.CreateSlotAsync(options.SlotName, stop).ConfigureAwait(false);
            context.Logger.SlotMade(options.SlotName, from);
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
