using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>Finds out what a target lacks for holding the tables of a source: everything at once, changing nothing.</summary>
public static class ReplicaCheck
{
    /// <summary>The problems, each a sentence with its remedy; empty if there is none.</summary>
    /// <param name="source">The database that is read.</param>
    /// <param name="tables">The tables: "schema.name", with <c>*</c>.</param>
    /// <param name="target">The database that is written.</param>
    /// <param name="names">What the tables are called there.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="Core.ConnectorException">A server can't be asked.</exception>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(PostgresOptions source, IReadOnlyList<string> tables, PostgresTargetOptions target, ReplicaOptions names, CancellationToken stop = default)
    {
        var described = await FindTablesAsync(source, tables, names, stop).ConfigureAwait(false);
        try
        {
            await using var connection = new NpgsqlConnection(target.SqlConnection);
            await connection.OpenAsync(stop).ConfigureAwait(false);
            var problems = await TargetRights.FindAsync(connection, target, described, stop).ConfigureAwait(false);
            problems.AddRange(described.GroupBy(t => t.FullName).Where(g => g.Count() > 1).Select(g => $"{g.Count()} tables of the source go to {g.Key}. Give them names of their own."));
            problems.AddRange(await TargetTables.FindProblemsAsync(connection, target, described, stop).ConfigureAwait(false));
            return problems;
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            throw TargetFaults.Told(e, target);
        }
    }

    /// <summary>What a target lacks whatever the tables: rights, the place of the markers, and being reached at all.</summary>
    /// <param name="target">The database that is written.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(PostgresTargetOptions target, CancellationToken stop = default)
    {
        try
        {
            await using var connection = new NpgsqlConnection(target.SqlConnection);
            await connection.OpenAsync(stop).ConfigureAwait(false);
            return await TargetRights.FindAsync(connection, target, [], stop).ConfigureAwait(false);
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            return [TargetFaults.Told(e, target).Message];
        }
    }

    /// <summary>The tables that a source has now, as destinations of a target.</summary>
    /// <param name="source">The database that is read.</param>
    /// <param name="tables">The tables: "schema.name", with <c>*</c>.</param>
    /// <param name="names">What they are called in the target.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="Core.ConnectorException">The server can't be asked.</exception>
    public static async Task<IReadOnlyList<string>> DescribeAsync(PostgresOptions source, IReadOnlyList<string> tables, ReplicaOptions names, CancellationToken stop = default) =>
        [.. (await FindTablesAsync(source, tables, names, stop).ConfigureAwait(false)).Select(t => t.ToDestination())];

    private static async Task<List<TargetTable>> FindTablesAsync(PostgresOptions source, IReadOnlyList<string> patterns, ReplicaOptions names, CancellationToken stop)
    {
        try
        {
            return await FindTablesOnceAsync(source, patterns, names, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            throw PostgresFaults.Told(e, source);
        }
    }

    private static async Task<List<TargetTable>> FindTablesOnceAsync(PostgresOptions source, IReadOnlyList<string> patterns, ReplicaOptions names, CancellationToken stop)
    {
        var described = new List<TargetTable>();
        await using var data = NpgsqlDataSource.Create(source.SqlConnection);
        await using var connection = await data.OpenConnectionAsync(stop).ConfigureAwait(false);
        var catalog = new PgCatalog(data);
        foreach (var found in await FoundTable.FindAsync(connection, patterns, source.PublicationName, stop).ConfigureAwait(false))
        {
            if (catalog.Find(connection, found.Oid) is not { } table) continue;
            var (schema, name) = names.Place(table);
            described.Add(ReplicaTable.Describe(Shaping.For(names.Rules, table) is { } rules ? new TableShape(table, rules).Table : table, schema, name));
        }

        return described;
    }
}
