using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Finds out what a database lacks for being read: everything at once, changing nothing.</summary>
public static class PostgresCheck
{
    private const int OldestVersion = 14;

    /// <summary>The problems, each a sentence with its remedy; empty if there is none.</summary>
    /// <param name="options">The database.</param>
    /// <param name="tables">The tables: "schema.name", with <c>*</c>.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(PostgresOptions options, IReadOnlyList<string> tables, CancellationToken stop = default)
    {
        try
        {
            await using var connection = new NpgsqlConnection(options.SqlConnection);
            await connection.OpenAsync(stop).ConfigureAwait(false);
            return await FindAsync(connection, options, new SourceDemand(tables, []), stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return [PostgresFaults.Told(e, options).Message];
        }
    }

    /// <summary>Where rules for tables don't fit the tables of a database, as sentences; empty if they do, and where it can't be asked.</summary>
    /// <param name="options">The database.</param>
    /// <param name="tables">The tables: "schema.name", with <c>*</c>.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<IReadOnlyList<string>> FindProblemsOfRulesAsync(PostgresOptions options, IReadOnlyList<string> tables, IReadOnlyList<TableRules> rules, CancellationToken stop = default)
    {
        if (rules.Count == 0) return [];
        try
        {
            await using var source = NpgsqlDataSource.Create(options.SqlConnection);
            await using var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
            var (catalog, problems, met) = (new PgCatalog(source), new List<string>(), new HashSet<TableRules>());
            foreach (var found in await FoundTable.FindAsync(connection, tables, options.PublicationName, stop).ConfigureAwait(false))
            {
                var concerned = rules.Where(r => TablePattern.Matches([r.Table], found.FullName)).ToList();
                met.UnionWith(concerned);
                if (concerned.Count > 1) problems.Add($"Table {found.FullName} is meant by the rules for {string.Join(" and ", concerned.Select(r => $"'{r.Table}'"))}. Let one of them name it.");
                else if (concerned.Count == 1 && catalog.Find(connection, found.Oid) is { } table) problems.AddRange(TableShape.FindProblems(table, concerned[0]));
            }

            problems.AddRange(rules.Where(r => !met.Contains(r)).Select(r => $"No table that is read is meant by the rules for '{r.Table}'. Tables are named as schema.table; upper and lower case count."));
            return problems;
        }
        catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return [];
        }
    }

    /// <summary>As the public one, on a connection of the caller's.</summary>
    internal static async Task<IReadOnlyList<string>> FindAsync(NpgsqlConnection connection, PostgresOptions options, SourceDemand demand, CancellationToken stop)
    {
        var problems = new List<string>();
        await CheckServerAsync(connection, options, problems, stop).ConfigureAwait(false);
        var tables = await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false);
        foreach (var pattern in demand.Patterns)
            if (!tables.Any(t => TablePattern.Matches([pattern], t.FullName))) problems.Add($"There is no table '{pattern}' in {options.Place}. Tables are named as schema.table; upper and lower case count.");
        var published = await PublishedAsync(connection, options.PublicationName, stop).ConfigureAwait(false);
        foreach (var table in tables) CheckTable(table, options, demand, published?.Contains(table.FullName) == true, problems);
        await CheckPublicationAsync(connection, options, tables, published, problems, stop).ConfigureAwait(false);
        problems.AddRange(demand.FindMisfits(connection, options, tables));
        return problems;
    }

    private static async Task CheckServerAsync(NpgsqlConnection connection, PostgresOptions options, List<string> problems, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(
            """
            SELECT current_setting('server_version_num')::int, current_setting('wal_level'),
                   (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user)
                     OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ('rds_replication', 'cloudsqlreplication') AND pg_has_role(r.oid, 'MEMBER')),
                   (SELECT count(*) FROM pg_replication_slots WHERE slot_name <> $1), current_setting('max_replication_slots')::int,
                   (SELECT count(*) FROM pg_stat_replication), current_setting('max_wal_senders')::int, current_user::text,
                   (SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = 'pg_logical_emit_message' AND NOT has_function_privilege(oid, 'EXECUTE'))
            """,
            connection) { Parameters = { new NpgsqlParameter { Value = options.SlotName } } };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await reader.ReadAsync(stop).ConfigureAwait(false);
        if (reader.GetInt32(0) / 10_000 < OldestVersion) problems.Add($"The server is PostgreSQL {reader.GetInt32(0) / 10_000}; version {OldestVersion} or newer is needed.");
        if (reader.GetString(1) != "logical") problems.Add($"wal_level is '{reader.GetString(1)}'; it has to be 'logical'. Set it (ALTER SYSTEM SET wal_level = logical) and restart the server.");
        if (!reader.GetBoolean(2)) problems.Add($"User '{reader.GetString(7)}' may not replicate. A superuser gives the right: ALTER ROLE {FoundTable.Quote(reader.GetString(7))} REPLICATION.");
        if (reader.GetInt64(3) >= reader.GetInt32(4)) problems.Add($"All {reader.GetInt32(4)} replication slots are taken. Raise max_replication_slots, or drop a slot that nobody reads.");
        if (!reader.IsDBNull(8) && (options.InitialLoad || options.WalHeartbeatEvery is not null))
            problems.Add($"User '{reader.GetString(7)}' may not write messages into the WAL, which mark the chunks of a load and are its heartbeats. GRANT EXECUTE ON FUNCTION {reader.GetString(8)} TO {FoundTable.Quote(reader.GetString(7))}.");
        if (reader.GetInt64(5) >= reader.GetInt32(6)) problems.Add($"All {reader.GetInt32(6)} WAL senders are taken. Raise max_wal_senders.");
    }

    private static void CheckTable(FoundTable table, PostgresOptions options, SourceDemand demand, bool isPublished, List<string> problems)
    {
        var name = table.FullName;
        if (!table.CanSelect) problems.Add($"Table {name} may not be read. Its owner gives the right: GRANT SELECT ON {table.Sql} TO the user, and USAGE on its schema.");
        if (!table.HasKey && TablePattern.Matches(demand.Keyed, name))
            problems.Add($"Table {name} has no primary key, which a keyed table needs. Add one, or read it as a stream of changes.");
        // Of a table that is published already, we read what its writers may do: nothing changes for them.
        if (!isPublished && (table.Identity == 'n' || (table.Identity == 'd' && !table.HasKey)))
            problems.Add($"Table {name} has no replica identity: once it is published, PostgreSQL refuses its updates and deletes. Give it one: ALTER TABLE {table.Sql} REPLICA IDENTITY FULL, or a primary key.");
    }

    private static async Task CheckPublicationAsync(NpgsqlConnection connection, PostgresOptions options, List<FoundTable> tables, HashSet<string>? published, List<string> problems, CancellationToken stop)
    {
        if (published is null)
        {
            await using var query = new NpgsqlCommand("SELECT has_database_privilege(current_database(), 'CREATE')", connection);
            if (!(bool)(await query.ExecuteScalarAsync(stop).ConfigureAwait(false))!)
                problems.Add($"Publication '{options.PublicationName}' isn't there, and may not be made: that needs CREATE on the database. Make it, or give the right.");
            foreach (var table in tables.Where(t => !t.IsOwner))
                problems.Add($"Table {table.FullName} belongs to somebody else, so that it can't be published. Its owner makes the publication: CREATE PUBLICATION {FoundTable.Quote(options.PublicationName)} FOR TABLE {table.Sql}.");
            return;
        }

        foreach (var table in tables.Where(t => !published.Contains(t.FullName)))
            problems.Add($"Publication '{options.PublicationName}' doesn't hold table {table.FullName}. Add it: ALTER PUBLICATION {FoundTable.Quote(options.PublicationName)} ADD TABLE {table.Sql}.");
    }

    /// <summary>The tables of a publication; null if there is none of that name.</summary>
    internal static async Task<HashSet<string>?> PublishedAsync(NpgsqlConnection connection, string publication, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(
            "SELECT p.pubname::text, t.schemaname::text, t.tablename::text FROM pg_publication p LEFT JOIN pg_publication_tables t ON t.pubname = p.pubname WHERE p.pubname = $1", connection)
        {
            Parameters = { new NpgsqlParameter { Value = publication } },
        };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        HashSet<string>? tables = null;
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
        {
            tables ??= [];
            if (!reader.IsDBNull(1)) tables.Add($"{reader.GetString(1)}.{reader.GetString(2)}");
        }

        return tables;
    }

    /// <summary>All problems as one error.</summary>
    internal static ConfigurationException AsError(PostgresOptions options, IReadOnlyList<string> problems) =>
        new($"PostgreSQL {options.Place} can't be read yet:\n  - {string.Join("\n  - ", problems)}");
}
