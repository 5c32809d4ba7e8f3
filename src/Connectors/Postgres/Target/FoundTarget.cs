using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>A table as it stands in the target.</summary>
/// <param name="Kind">pg_class.relkind.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="UniqueKeys">The columns of each unique index that rows can be put by.</param>
/// <param name="Lacks">Rights that we lack on it, such as "INSERT".</param>
internal sealed record FoundTarget(char Kind, IReadOnlyList<FoundColumn> Columns, IReadOnlyList<string[]> UniqueKeys, IReadOnlyList<string> Lacks)
{
    /// <summary>Looks for it; null where there is none.</summary>
    public static async Task<FoundTarget?> FindAsync(NpgsqlConnection connection, TargetTable table, CancellationToken stop)
    {
        uint oid;
        char kind;
        string[] lacks;
        await using (var query = new NpgsqlCommand(
            """
            SELECT c.oid, c.relkind, ARRAY(SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) r WHERE NOT has_table_privilege(c.oid, r))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind NOT IN ('i', 'I', 't', 'c')
            """,
            connection) { Parameters = { new NpgsqlParameter { Value = table.Schema }, new NpgsqlParameter { Value = table.Name } } })
        await using (var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(stop).ConfigureAwait(false)) return null;
            (oid, kind, lacks) = (reader.GetFieldValue<uint>(0), reader.GetChar(1), reader.GetFieldValue<string[]>(2));
        }

        return new FoundTarget(kind, await ColumnsAsync(connection, oid, stop).ConfigureAwait(false), await KeysAsync(connection, oid, stop).ConfigureAwait(false), lacks);
    }

    private static async Task<List<FoundColumn>> ColumnsAsync(NpgsqlConnection connection, uint oid, CancellationToken stop)
    {
        var columns = new List<FoundColumn>();
        await using var query = Command(
            connection,
            """
            SELECT a.attname::text, b.typname::text, format_type(b.oid, -1), format_type(a.atttypid, a.atttypmod), a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', a.attgenerated <> ''
            FROM pg_attribute a
            CROSS JOIN LATERAL (WITH RECURSIVE base AS (SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = a.atttypid
                                                        UNION ALL SELECT t.oid, t.typtype, t.typbasetype FROM base d JOIN pg_type t ON t.oid = d.typbasetype WHERE d.typtype = 'd')
                                SELECT oid FROM base WHERE typtype <> 'd') r
            JOIN pg_type b ON b.oid = r.oid
            WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """,
            oid);
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
            columns.Add(new FoundColumn(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetBoolean(4), reader.GetBoolean(5)));
        return columns;
    }

    private static async Task<List<string[]>> KeysAsync(NpgsqlConnection connection, uint oid, CancellationToken stop)
    {
        var keys = new List<string[]>();
        await using var query = Command(
            connection,
            """
            SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.n <= i.indnkeyatts)
            FROM pg_index i WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
            """,
            oid);
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        while (await reader.ReadAsync(stop).ConfigureAwait(false)) keys.Add(reader.GetFieldValue<string[]>(0));
        return keys;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, uint oid) =>
        new(sql, connection) { Parameters = { new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } } };
}

/// <summary>A column of the target.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in pg_type, or for a domain that below it.</param>
/// <param name="Cast">That type as SQL, without modifier.</param>
/// <param name="Declared">The type as it is declared, for people.</param>
/// <param name="NeedsValue">Whether it is NOT NULL and has no default.</param>
/// <param name="IsGenerated">Whether the server computes it.</param>
internal sealed record FoundColumn(string Name, string Type, string Cast, string Declared, bool NeedsValue, bool IsGenerated);
