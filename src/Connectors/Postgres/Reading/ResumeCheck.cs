using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Whether a server is as a pipeline left it: every difference that would leave a gap is found, and all are told at once (protocol, section 5).</summary>
internal sealed class ResumeCheck(PostgresOptions options, SourceDemand demand)
{
    private const string Anew = "Begin anew with an empty state directory and another slot.";
    private readonly List<RefusalException> _refusals = [];

    /// <summary>Looks at everything that can be looked at before streaming.</summary>
    /// <param name="stream">The replication connection, not streaming yet.</param>
    /// <param name="connection">An ordinary connection.</param>
    /// <param name="position">Where we stand.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Where to go on: <paramref name="position"/>, or after a failover that lost nothing its place on the new timeline.</returns>
    /// <exception cref="RefusalException">Going on would be a guess.</exception>
    public async Task<PostgresPosition> RunAsync(ReplicationStream stream, NpgsqlConnection connection, PostgresPosition position, CancellationToken stop)
    {
        if (stream.System != position.System)
            Refuse("is another cluster", $"system identifier {stream.System}", position.System, "Point the connection to the cluster that was read, or begin anew with an empty state directory.");
        if (connection.Database != position.Database) Refuse("is another database", connection.Database, position.Database, "Point the connection to the database that was read.");
        ThrowIfAny(); // of another place the rest says nothing
        var slot = await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false);
        var moved = await CheckTimelineAsync(stream, connection, position, slot, stop).ConfigureAwait(false);
        if (SlotState.WhyNotOurs(slot, moved ?? position, options) is { } refusal) _refusals.Add(refusal);
        await CheckPublishedAsync(connection, position, stop).ConfigureAwait(false);
        ThrowIfAny();
        return moved ?? position;
    }

    // Null where the position is refused or stays as it is.
    private async Task<PostgresPosition?> CheckTimelineAsync(ReplicationStream stream, NpgsqlConnection connection, PostgresPosition position, SlotState? slot, CancellationToken stop)
    {
        if (stream.Timeline == position.Timeline)
        {
            if (stream.ServerAt < position.Lsn)
                Refuse("is behind our position: it was restored from a backup", $"WAL up to {stream.ServerAt}", $"at least {position.Lsn}", Anew);
            return null;
        }

        var (history, why) = await TimelineHistory.FindAsync(connection, stream.Timeline, stop).ConfigureAwait(false);
        var left = history?.LeftAt(position.Timeline);
        if (left is null || left < position.Lsn)
        {
            Refuse(
                "is on another timeline, which doesn't contain our position: it was restored, or promoted before it had all that we read",
                $"timeline {stream.Timeline}, {(history is null ? why : left is null ? $"which doesn't go back to timeline {position.Timeline}" : $"which left timeline {position.Timeline} at {left}")}",
                $"timeline {position.Timeline} up to {position.Lsn}", $"What was delivered and isn't there any more can't be taken back. {Anew}");
            return null;
        }

        if (slot is not { ConfirmedFlush: { } begin } || begin <= position.Lsn) return position with { Timeline = stream.Timeline };
        if (await MissedWal.WhyAsync(options, position.Lsn, begin, stop).ConfigureAwait(false) is not { } missed)
            return position with { Timeline = stream.Timeline, Lsn = begin };
        Refuse(
            "was promoted, and what was written before its slot was made may be missing", missed, $"nothing between {position.Lsn} and the slot",
            $"Make the slot right after the promotion, before anybody writes, with the extension pg_walinspect in the database. {Anew}");
        return position with { Timeline = stream.Timeline, Lsn = begin }; // said once: the slot needn't be blamed for it again
    }

    private async Task CheckPublishedAsync(NpgsqlConnection connection, PostgresPosition position, CancellationToken stop)
    {
        var tables = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
        if (await PublicationCheck.FindAsync(connection, options, demand, tables, position, isStart: true, stop).ConfigureAwait(false) is { Refusal: { } refusal }) _refusals.Add(refusal);
    }

    private void Refuse(string what, string found, string expected, string remedy) => _refusals.Add(new RefusalException($"PostgreSQL {options.Place} {what}", found, expected, remedy));

    private void ThrowIfAny()
    {
        if (_refusals is [var only]) throw only;
        if (_refusals.Count == 0) return;
        throw new RefusalException(
            $"PostgreSQL {options.Place} differs from what we left in {_refusals.Count} points: {Joined(r => r.What)}", Joined(r => r.Found), Joined(r => r.Expected), string.Join(' ', _refusals.Select(r => r.Remedy).Distinct()));

        string Joined(Func<RefusalException, string> part) => string.Join("; ", _refusals.Select((r, i) => $"({i + 1}) {part(r)}"));
    }
}
