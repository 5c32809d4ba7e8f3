using System.Globalization;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Which earlier timelines of a cluster its present one goes back to, and where each was left.</summary>
internal sealed class TimelineHistory
{
    private readonly Dictionary<uint, Lsn> _leftAt = [];

    /// <summary>The history of a server's present timeline, and if it isn't there, why.</summary>
    /// <remarks>By SQL: the driver's own command for it expects another type than servers from version 15 on give.</remarks>
    public static async Task<(TimelineHistory? History, string Why)> FindAsync(NpgsqlConnection connection, uint timeline, CancellationToken stop)
    {
        if (timeline == 1) return (null, "the first timeline has no history");
        try
        {
            await using var read = new NpgsqlCommand($"SELECT pg_read_file('pg_wal/{timeline:X8}.history', 0, 1000000, true)", connection);
            return await read.ExecuteScalarAsync(stop).ConfigureAwait(false) is string text ? (Parse(text), "") : (null, $"file pg_wal/{timeline:X8}.history isn't there");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return (null, "its history may not be read; a superuser gives the right: GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint, boolean) TO the user");
        }
    }

    /// <summary>Reads a history file: parent, place and reason, a line each, separated by tabs.</summary>
    /// <exception cref="ConnectorException">The text has another form.</exception>
    public static TimelineHistory Parse(string text)
    {
        var history = new TimelineHistory();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#') continue;
            var parts = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 2 || !uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var timeline))
                throw new ConnectorException($"The server's timeline history has a line that can't be read: '{line}'. Expected are a timeline, a place in the WAL and a reason.");
            history._leftAt[timeline] = Lsn.Parse(parts[1]);
        }

        return history;
    }

    /// <summary>Where <paramref name="timeline"/> was left for the next one; null if the history doesn't go back to it.</summary>
    public Lsn? LeftAt(uint timeline) => _leftAt.TryGetValue(timeline, out var at) ? at : null;
}
