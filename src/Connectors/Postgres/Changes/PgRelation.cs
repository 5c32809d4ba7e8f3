namespace Pathway.Connectors.Postgres;

/// <summary>A Relation message: what the stream says about a table before the first change under it.</summary>
/// <param name="Oid">The table's OID.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="ReplicaIdentity">What is logged of old rows.</param>
/// <param name="Columns">The columns in the order of tuples.</param>
public sealed record PgRelation(uint Oid, string Schema, string Name, PgReplicaIdentity ReplicaIdentity, IReadOnlyList<PgRelationColumn> Columns)
{
    /// <summary>The table: names, order and types from the stream, the rest from the catalog.</summary>
    /// <remarks>The catalog may be newer than the change: a column that it doesn't have any more, or has with another type, is taken as nullable and without default.</remarks>
    public PgTable Describe(IPgCatalog catalog, Lsn commit)
    {
        var known = catalog.FindTable(Oid, commit);
        var columns = new PgColumn[Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var column = Columns[i];
            var same = known?.Columns.FirstOrDefault(c => c.Name == column.Name && c.Type.Oid == column.TypeOid);
            columns[i] = new PgColumn
            {
                Name = column.Name,
                Type = same?.Type ?? catalog.FindType(column.TypeOid, commit) ?? new PgType { Oid = column.TypeOid, Name = $"oid {column.TypeOid}" },
                TypeModifier = column.TypeModifier,
                IsIdentity = column.IsIdentity,
                IsNotNull = same?.IsNotNull ?? false,
                Default = same?.Default,
                IsGenerated = same?.IsGenerated ?? false,
                Number = same?.Number ?? 0,
                Missing = same?.Missing,
            };
        }

        return new PgTable
        {
            Oid = Oid, Schema = Schema, Name = Name, ReplicaIdentity = ReplicaIdentity, Columns = columns,
            PrimaryKey = known?.PrimaryKey.All(HasColumn) == true ? known.PrimaryKey : IdentityColumns(),
            UniqueIndexes = known?.UniqueIndexes.Where(index => index.All(HasColumn)).ToArray() ?? [],
        };
    }

    private bool HasColumn(string name) => Columns.Any(c => c.Name == name);

    // Of a table that is gone, the identity columns are all that is known; under replica identity full every column is flagged, which tells nothing.
    private string[] IdentityColumns() =>
        ReplicaIdentity == PgReplicaIdentity.Default ? [.. Columns.Where(c => c.IsIdentity).Select(c => c.Name)] : [];
}

/// <summary>A column of a Relation message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TypeOid">OID of its type.</param>
/// <param name="TypeModifier">Its type modifier; -1 for none.</param>
/// <param name="IsIdentity">Whether it is part of the replica identity.</param>
public readonly record struct PgRelationColumn(string Name, uint TypeOid, int TypeModifier, bool IsIdentity);

/// <summary>A logical message, written by <c>pg_logical_emit_message</c>.</summary>
/// <param name="IsTransactional">Whether it belongs to the transaction around it.</param>
/// <param name="Lsn">Its own LSN.</param>
/// <param name="Prefix">Its prefix.</param>
/// <param name="Content">Its content; lives as long as the message's memory.</param>
public readonly record struct PgLogicalMessage(bool IsTransactional, Lsn Lsn, string Prefix, ReadOnlyMemory<byte> Content);
