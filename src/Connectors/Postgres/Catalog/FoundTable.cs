using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>A table of the database that a source wants.</summary>
/// <param name="Oid">Its OID.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Identity">The letter of its replica identity.</param>
/// <param name="HasKey">Whether it has a primary key.</param>
/// <param name="CanSelect">Whether we may read it.</param>
/// <param name="IsOwner">Whether we own it (or are a superuser), so that it can be published.</param>
/// <param name="Estimate">About how many rows it has; -1 if unknown.</param>
internal sealed record FoundTable(uint Oid, string Schema, string Name, char Identity, bool HasKey, bool CanSelect, bool IsOwner, long Estimate)
{
    /// <summary>"schema.name".</summary>
    public string FullName => $"{Schema}.{Name}";

    /// <summary>The name as SQL.</summary>
    public string Sql => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>An identifier as SQL.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Text as an SQL literal.</summary>
    public static string Literal(string text) => $"E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>All ordinary tables, in the order of schema and name, that <paramref name="patterns"/> stand for.</summary>
    public static async Task<List<FoundTable>> FindAsync(NpgsqlConnection connection, IReadOnlyList<string> patterns, CancellationToken stop)
    {
        var found = new List<FoundTable>();
        await using var query = new NpgsqlCommand(
            """
            SELECT c.oid, n.nspname::text, c.relname::text, c.relreplident, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),
                   has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'), pg_has_role(c.relowner, 'USAGE'), c.reltuples::bigint
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
            ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
            """,
            connection);
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
        {
            var table = new FoundTable(
                reader.GetFieldValue<uint>(0), reader.GetString(1), reader.GetString(2), reader.GetChar(3), reader.GetBoolean(4), reader.GetBoolean(5), reader.GetBoolean(6), reader.GetInt64(7));
            if (TablePattern.Matches(patterns, table.FullName)) found.Add(table);
        }

        return found;
    }
}
