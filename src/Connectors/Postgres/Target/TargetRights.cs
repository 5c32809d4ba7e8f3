using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>What rights a target's user lacks, as sentences with their remedies: for markers, dead letters, and tables that are to be made or extended.</summary>
internal static class TargetRights
{
    /// <summary>Finds them, changing nothing.</summary>
    public static async Task<List<string>> FindAsync(NpgsqlConnection connection, PostgresTargetOptions target, IReadOnlyList<TargetTable> tables, CancellationToken stop)
    {
        var problems = new List<string>();
        var user = "";
        await using (var query = new NpgsqlCommand("SELECT has_database_privilege(current_database(), 'TEMPORARY'), current_user::text", connection))
        await using (var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false))
        {
            await reader.ReadAsync(stop).ConfigureAwait(false);
            user = reader.GetString(1);
            if (!reader.GetBoolean(0)) problems.Add($"User '{user}' may not make temporary tables in {target.Place}, which rows are copied into. GRANT TEMPORARY ON DATABASE … TO {FoundTable.Quote(user)}.");
        }

        await CheckOwnAsync(target.ProgressSchema, "progress", "the markers").ConfigureAwait(false);
        if (target.DeadLetters is { } letters) await CheckOwnAsync(TargetTable.Split(letters).Schema, TargetTable.Split(letters).Name, "the dead letters").ConfigureAwait(false);
        foreach (var table in tables) await CheckTableAsync(table).ConfigureAwait(false);
        return problems;

        // A table of ours: it is used if it is there, else made.
        async Task CheckOwnAsync(string schema, string name, string what)
        {
            var found = await LookAsync(connection, schema, name, "SELECT, INSERT, UPDATE", stop).ConfigureAwait(false);
            if (found.Exists && found.Lacks.Length > 0) problems.Add($"User '{user}' may not {string.Join(", ", found.Lacks)} on {schema}.{name} in {target.Place}, the table of {what}. GRANT SELECT, INSERT, UPDATE on it.");
            else if (!found.Exists && !found.MayCreate)
                problems.Add($"{(found.HasSchema ? $"Table {schema}.{name}" : $"Schema {schema}")} for {what} is missing in {target.Place}, and user '{user}' may not create it. {(found.HasSchema ? $"GRANT USAGE, CREATE ON SCHEMA {FoundTable.Quote(schema)} TO {FoundTable.Quote(user)}" : $"CREATE SCHEMA {FoundTable.Quote(schema)} AUTHORIZATION {FoundTable.Quote(user)}")}.");
        }

        async Task CheckTableAsync(TargetTable table)
        {
            var found = await LookAsync(connection, table.Schema, table.Name, "TRUNCATE", stop).ConfigureAwait(false);
            if (found.Exists && found.Lacks.Length > 0) problems.Add($"User '{user}' may not TRUNCATE {table.FullName}, which a TRUNCATE of the source needs. GRANT TRUNCATE ON {table.Sql} TO {FoundTable.Quote(user)}.");
            if (target.Tables != TableCreation.Create) return;
            if (!found.Exists && !found.MayCreate)
                problems.Add($"Table {table.FullName} is to be created in {target.Place}, and user '{user}' may not. {(found.HasSchema ? $"GRANT USAGE, CREATE ON SCHEMA {FoundTable.Quote(table.Schema)}" : "GRANT CREATE ON DATABASE …")} TO {FoundTable.Quote(user)}.");
            if (!found.Exists || found.IsOwner) return;
            var there = await FoundTarget.FindAsync(connection, table, stop).ConfigureAwait(false);
            var missing = table.Columns.Where(c => there?.Columns.Any(f => f.Name == c.Name) == false).Select(c => c.Name).ToList();
            if (missing.Count > 0) problems.Add($"Table {table.FullName} in {target.Place} lacks {string.Join(", ", missing)}, and belongs to somebody else than user '{user}', who can't add columns. Its owner adds them.");
        }
    }

    private static async Task<(bool Exists, string[] Lacks, bool IsOwner, bool HasSchema, bool MayCreate)> LookAsync(NpgsqlConnection connection, string schema, string name, string rights, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(
            """
            SELECT c.oid IS NOT NULL, ARRAY(SELECT r FROM unnest(string_to_array($3, ', ')) r WHERE c.oid IS NOT NULL AND NOT has_table_privilege(c.oid, r)), coalesce(pg_has_role(c.relowner, 'USAGE'), false),
                   n.oid IS NOT NULL, CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE') END
            FROM (SELECT 1) one LEFT JOIN pg_namespace n ON n.nspname = $1 LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2
            """,
            connection) { Parameters = { new NpgsqlParameter { Value = schema }, new NpgsqlParameter { Value = name }, new NpgsqlParameter { Value = rights } } };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await reader.ReadAsync(stop).ConfigureAwait(false);
        return (reader.GetBoolean(0), reader.GetFieldValue<string[]>(1), reader.GetBoolean(2), reader.GetBoolean(3), reader.GetBoolean(4));
    }
}
