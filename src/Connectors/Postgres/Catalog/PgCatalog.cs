using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>The catalog of a live database, asked through an ordinary connection when the replication stream describes a table.</summary>
/// <remarks>It says what is true now, which may be newer than the place in the stream; names, types and order of columns are always the stream's.</remarks>
internal sealed class PgCatalog(NpgsqlDataSource source) : IPgCatalog
{
    private const string TableQuery = """
        SELECT c.oid, n.nspname, c.relname, c.relreplident,
               ARRAY(SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                     WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.n)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1
        """;

    private const string ColumnQuery = """
        SELECT a.attname::text, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated = 's', pg_get_expr(d.adbin, d.adrelid),
               t.typname::text, tn.nspname::text, t.typtype, t.typelem, t.typbasetype, t.typtypmod,
               a.attnum, (a.attmissingval::text::text[])[1]
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
        WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        """;

    private const string IndexQuery = """
        SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.n)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 AND i.indisunique AND NOT i.indisprimary AND i.indexprs IS NULL ORDER BY c.relname
        """;

    private readonly Dictionary<uint, PgType> _types = [];

    /// <inheritdoc/>
    public PgTable? FindTable(uint oid, Lsn commit)
    {
        using var connection = source.OpenConnection();
        return Find(connection, oid);
    }

    /// <inheritdoc/>
    public PgType? FindType(uint oid, Lsn commit)
    {
        using var connection = source.OpenConnection();
        return FindType(connection, oid);
    }

    /// <summary>As <see cref="FindType(uint, Lsn)"/>, on a connection of the caller's.</summary>
    public PgType? FindType(NpgsqlConnection connection, uint oid) => ReadType(connection, oid) is { } type ? TypeOf(connection, type) : null;

    /// <summary>As <see cref="FindTable"/>, on a connection of the caller's.</summary>
    public PgTable? Find(NpgsqlConnection connection, uint oid)
    {
        string schema, name;
        PgReplicaIdentity identity;
        string[] primaryKey;
        using (var table = Command(connection, TableQuery, oid))
        using (var reader = table.ExecuteReader())
        {
            if (!reader.Read()) return null;
            (schema, name, identity, primaryKey) = (reader.GetString(1), reader.GetString(2), PgOutputDecoder.ReplicaIdentityOf((byte)reader.GetChar(3)), reader.GetFieldValue<string[]>(4));
        }

        var rows = ReadColumns(connection, oid);
        var indexes = new List<IReadOnlyList<string>>();
        using (var index = Command(connection, IndexQuery, oid))
        using (var reader = index.ExecuteReader())
            while (reader.Read()) indexes.Add(reader.GetFieldValue<string[]>(0));
        return new PgTable
        {
            Oid = oid, Schema = schema, Name = name, ReplicaIdentity = identity, PrimaryKey = primaryKey, UniqueIndexes = indexes,
            Columns = [.. rows.Select(r => r.ToColumn(TypeOf(connection, r.Type)))],
        };
    }

    private static List<ColumnRow> ReadColumns(NpgsqlConnection connection, uint oid)
    {
        var rows = new List<ColumnRow>();
        using var columns = Command(connection, ColumnQuery, oid);
        using var reader = columns.ExecuteReader();
        while (reader.Read())
        {
            var type = new TypeRow(reader.GetFieldValue<uint>(1), reader.GetString(6), reader.GetString(7), reader.GetChar(8), reader.GetFieldValue<uint>(9), reader.GetFieldValue<uint>(10), reader.GetInt32(11));
            rows.Add(new ColumnRow(reader.GetString(0), reader.GetInt32(2), reader.GetBoolean(3), reader.GetBoolean(4), reader.IsDBNull(5) ? null : reader.GetString(5), type, reader.GetInt16(12), reader.IsDBNull(13) ? null : reader.GetString(13)));
        }

        return rows;
    }

    private PgType TypeOf(NpgsqlConnection connection, TypeRow row)
    {
        if (_types.TryGetValue(row.Oid, out var known) && known.Name == row.Name && known.Kind != 'e') return known;
        var labels = new List<(string Label, long Age)>();
        if (row.Kind == 'e')
        {
            using var enumLabels = Command(connection, "SELECT enumlabel::text, row_number() OVER (ORDER BY ctid) FROM pg_enum WHERE enumtypid = $1 ORDER BY enumsortorder", row.Oid);
            using var reader = enumLabels.ExecuteReader();
            while (reader.Read()) labels.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        var (domainBase, modifier) = row.Kind == 'd' ? BaseOf(connection, row) : (null, -1);
        return _types[row.Oid] = new PgType
        {
            Oid = row.Oid, Name = row.Name, Schema = row.Schema, Kind = row.Kind, EnumLabels = [.. labels.Select(l => l.Label)], EnumLabelsByAge = [.. labels.OrderBy(l => l.Age).Select(l => l.Label)],
            // Types of a fixed length with an element (point, name) are no arrays; those are named with an underscore.
            Element = row.Element != 0 && row.Name.StartsWith('_') ? TypeOf(connection, ReadType(connection, row.Element)!) : null, DomainBase = domainBase, DomainTypeModifier = modifier,
        };
    }

    // The base type at the end of a chain of domains; the first modifier on the way counts.
    private (PgType Type, int Modifier) BaseOf(NpgsqlConnection connection, TypeRow domain)
    {
        var modifier = -1;
        while (domain.Kind == 'd')
        {
            if (modifier == -1) modifier = domain.BaseModifier;
            domain = ReadType(connection, domain.Base)!;
        }

        return (TypeOf(connection, domain), modifier);
    }

    private static TypeRow? ReadType(NpgsqlConnection connection, uint oid)
    {
        using var type = Command(
            connection,
            "SELECT t.typname::text, n.nspname::text, t.typtype, t.typelem, t.typbasetype, t.typtypmod FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1", oid);
        using var reader = type.ExecuteReader();
        if (!reader.Read()) return null;
        return new TypeRow(oid, reader.GetString(0), reader.GetString(1), reader.GetChar(2), reader.GetFieldValue<uint>(3), reader.GetFieldValue<uint>(4), reader.GetInt32(5));
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, uint oid) =>
        new(sql, connection) { Parameters = { new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } } };

    private sealed record TypeRow(uint Oid, string Name, string Schema, char Kind, uint Element, uint Base, int BaseModifier);

    private sealed record ColumnRow(string Name, int Modifier, bool NotNull, bool Generated, string? Default, TypeRow Type, int Number, string? Missing)
    {
        public PgColumn ToColumn(PgType type) => new() { Name = Name, Type = type, TypeModifier = Modifier, IsNotNull = NotNull, IsGenerated = Generated, Default = Default, Number = Number, Missing = Missing };
    }
}
