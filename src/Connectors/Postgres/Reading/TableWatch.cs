using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Looks from time to time, and when the server describes a table again, whether the publication still sends what it did, and for tables that came to be asked for: into the database, into the publication, into the configuration.</summary>
internal sealed class TableWatch(PostgresOptions options, SourceDemand demand, NpgsqlDataSource source, SourceContext context)
{
    private readonly HashSet<string> _unpublished = []; // told once
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private bool _isAsked;
    private long _looked;

    /// <summary>Whether it is time to look again.</summary>
    public bool IsDue => _looked == 0 || context.Time.GetElapsedTime(_looked) is var since && (since >= options.LookForTablesEvery || (_isAsked && since >= Soon));

    /// <summary>There is a reason to look before it is time.</summary>
    public void LookSoon() => _isAsked = true;

    /// <summary>Looks. A publication of ours is extended by tables that are asked for and that it lacks.</summary>
    /// <param name="position">Where we stand.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>What the publication has, the tables that are asked for and published, and those of them that aren't in <paramref name="position"/>.</returns>
    /// <exception cref="RefusalException">The publication doesn't send what it did.</exception>
    public async Task<(PublicationCheck Publication, List<FoundTable> Published, List<FoundTable> New)> LookAsync(PostgresPosition position, CancellationToken stop)
    {
        (_looked, _isAsked) = (context.Time.GetTimestamp(), false);
        await using var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
        var found = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
        var publication = await PublicationCheck.FindAsync(connection, options, demand, found, position, isStart: false, stop).ConfigureAwait(false);
        if (publication.Refusal is { } refusal) throw refusal;
        if (found.TrueForAll(t => position.Tables.ContainsKey(t.FullName))) return (publication, found, []);
        var (published, extended) = (publication.Tables, false);
        foreach (var table in found.Where(t => !published.Contains(t.FullName))) extended |= await PublishAsync(connection, table, stop).ConfigureAwait(false);
        if (extended)
        {
            found = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
            published = await PostgresCheck.PublishedAsync(connection, options.PublicationName, stop).ConfigureAwait(false) ?? [];
        }

        found.RemoveAll(t => !published.Contains(t.FullName));
        return (publication, found, found.FindAll(t => !position.Tables.ContainsKey(t.FullName)));
    }

    /// <summary>Why a table can't be loaded; null if it can.</summary>
    public string? WhyNotLoaded(FoundTable table) => !options.InitialLoad ? "initial-load is false"
        : !table.HasKey ? "it has no primary key"
        : !table.CanSelect ? $"it may not be read; its owner gives the right: GRANT SELECT ON {table.Sql} TO the user"
        : null;

    private async Task<bool> PublishAsync(NpgsqlConnection connection, FoundTable table, CancellationToken stop)
    {
        if (options.OwnsPublication && table.IsOwner && (table.HasKey || table.Identity == 'f'))
        {
            try
            {
                await using var add = new NpgsqlCommand($"ALTER PUBLICATION {FoundTable.Quote(options.PublicationName)} ADD TABLE {table.Sql}", connection);
                await add.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
                context.Logger.PublicationExtended(table.FullName, options.PublicationName);
                return true;
            }
            catch (PostgresException e) when (!PostgresFaults.IsTransient(e))
            {
                // The publication is somebody else's, for all its name: its owner is told below.
            }
        }

        if (_unpublished.Add(table.FullName)) context.Logger.TableUnpublished(table.FullName, options.PublicationName, table.Sql);
        return false;
    }
}
