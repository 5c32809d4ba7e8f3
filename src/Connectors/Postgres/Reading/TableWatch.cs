using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Looks from time to time for tables that came to be asked for: into the database, into the publication, into the configuration.</summary>
internal sealed class TableWatch(PostgresOptions options, SourceDemand demand, NpgsqlDataSource source, SourceContext context)
{
    private readonly HashSet<string> _unpublished = []; // told once
    private long _looked;

    /// <summary>Whether it is time to look again.</summary>
    public bool IsDue => _looked == 0 || context.Time.GetElapsedTime(_looked) >= options.LookForTablesEvery;

    /// <summary>The tables that are asked for and published, and not in <paramref name="known"/>. A publication of ours is extended by those that it lacks.</summary>
    public async Task<List<FoundTable>> FindNewAsync(IReadOnlyDictionary<string, string> known, CancellationToken stop)
    {
        _looked = context.Time.GetTimestamp();
        await using var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
        var unknown = (await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false)).FindAll(t => !known.ContainsKey(t.FullName));
        if (unknown.Count == 0) return unknown;
        var published = await PostgresCheck.PublishedAsync(connection, options.PublicationName, stop).ConfigureAwait(false) ?? [];
        foreach (var table in unknown.Where(t => !published.Contains(t.FullName)))
            if (await PublishAsync(connection, table, stop).ConfigureAwait(false)) published.Add(table.FullName);
        return unknown.FindAll(t => published.Contains(t.FullName));
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
