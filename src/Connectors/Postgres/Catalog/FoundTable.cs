using System.Text.Json;
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
    /// <summary>Whether it has partitions, and is read as one table.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>The columns that are published; null for all, or where the server can't say (before version 15).</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Whether the publication lists columns, rather than having whatever the table has.</summary>
    public bool HasColumnList { get; init; }

    /// <summary>The part of the table that is published, in words: columns that are listed, and the condition on rows; empty for all of it.</summary>
    public string PublishedPart => string.Join(", ", (string[])
        [.. HasColumnList ? [$"columns ({string.Join(", ", Columns ?? [])})"] : Array.Empty<string>(), .. RowFilter is null ? Array.Empty<string>() : [$"rows where {RowFilter}"]]);

    /// <summary>The OID of the table's entry in the publication, another one each time that it is put in; null where it is published with all others.</summary>
    public uint? PublicationEntry { get; init; }

    /// <summary>The condition on rows that are published, as SQL; null for all.</summary>
    public string? RowFilter { get; init; }

    /// <summary>"schema.name".</summary>
    public string FullName => $"{Schema}.{Name}";

    /// <summary>The name as SQL.</summary>
    public string Sql => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>An identifier as SQL.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Text as an SQL literal.</summary>
    public static string Literal(string text) => $"E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>All tables, in the order of schema and name, that <paramref name="patterns"/> stand for.</summary>
    /// <remarks>
    /// A partitioned table is a table where it is published by its root; else its leaves are. Where the publication isn't there yet, a partitioned table that is asked for is meant as one table, without its leaves.
    /// </remarks>
    /// <param name="connection">To the database.</param>
    /// <param name="patterns">"schema.name", with <c>*</c>.</param>
    /// <param name="publication">The publication.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<List<FoundTable>> FindAsync(NpgsqlConnection connection, IReadOnlyList<string> patterns, string publication, CancellationToken stop)
    {
        var found = new List<(FoundTable Table, bool IsPartitioned, string? Root, bool IsPublished, bool HasPublication)>();
        await using var query = new NpgsqlCommand(
            """
            WITH published AS MATERIALIZED (SELECT * FROM pg_publication_tables WHERE pubname = $1)
            SELECT c.oid, n.nspname::text, c.relname::text, c.relreplident, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),
                   has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'), pg_has_role(c.relowner, 'USAGE'), c.reltuples::bigint,
                   c.relkind = 'p', CASE WHEN c.relispartition THEN (SELECT rn.nspname || '.' || r.relname FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace WHERE r.oid = pg_partition_root(c.oid)) END,
                   to_jsonb(t)::text, jsonb_typeof(to_jsonb(e) -> 'prattrs') IS DISTINCT FROM 'null' AND e.oid IS NOT NULL, EXISTS (SELECT FROM pg_publication p WHERE p.pubname = $1), e.oid
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN published t ON t.schemaname = n.nspname AND t.tablename = c.relname
            LEFT JOIN pg_publication_rel e ON e.prrelid = c.oid AND e.prpubid = (SELECT p.oid FROM pg_publication p WHERE p.pubname = $1)
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
            ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
            """,
            connection) { Parameters = { new NpgsqlParameter { Value = publication } } };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
        {
            var table = new FoundTable(
                reader.GetFieldValue<uint>(0), reader.GetString(1), reader.GetString(2), reader.GetChar(3), reader.GetBoolean(4), reader.GetBoolean(5), reader.GetBoolean(6), reader.GetInt64(7)) { IsPartitioned = reader.GetBoolean(8) };
            if (!TablePattern.Matches(patterns, table.FullName)) continue;
            var isPublished = !reader.IsDBNull(10);
            if (isPublished) table = table.As(JsonDocument.Parse(reader.GetString(10)).RootElement) with { HasColumnList = reader.GetBoolean(11), PublicationEntry = reader.IsDBNull(13) ? null : reader.GetFieldValue<uint>(13) };
            found.Add((table, table.IsPartitioned, reader.IsDBNull(9) ? null : reader.GetString(9), isPublished, reader.GetBoolean(12)));
        }

        var roots = found.Where(f => f.IsPartitioned && f.Root is null && (f.IsPublished || !f.HasPublication)).Select(f => f.Table.FullName).ToHashSet();
        return [.. found.Where(f => f.IsPartitioned ? roots.Contains(f.Table.FullName) : f.Root is null || !roots.Contains(f.Root)).Select(f => f.Table)];
    }

    // Column lists and row filters came with version 15: a server before it has neither.
    private FoundTable As(JsonElement published) => this with
    {
        Columns = published.TryGetProperty("attnames", out var names) && names.ValueKind == JsonValueKind.Array ? [.. names.EnumerateArray().Select(n => n.GetString()!)] : null,
        RowFilter = published.TryGetProperty("rowfilter", out var filter) && filter.ValueKind == JsonValueKind.String ? filter.GetString() : null,
    };
}
