namespace Pathway.Connectors.Postgres;

/// <summary>One version of a table as the replication stream and the catalog describe it. Immutable; a new version is a new object.</summary>
/// <remarks>Columns stand in the order of the Relation message (for loaded rows: of the catalog), which is the order of values in tuples.</remarks>
public sealed class PgTable
{
    /// <summary>The table's OID.</summary>
    public required uint Oid { get; init; }

    /// <summary>The schema's name.</summary>
    public required string Schema { get; init; }

    /// <summary>The table's name.</summary>
    public required string Name { get; init; }

    /// <summary>The columns.</summary>
    public required IReadOnlyList<PgColumn> Columns { get; init; }

    /// <summary>What Postgres logs of old rows.</summary>
    public required PgReplicaIdentity ReplicaIdentity { get; init; }

    /// <summary>Names of the columns of the primary key in its order; empty without one.</summary>
    public required IReadOnlyList<string> PrimaryKey { get; init; }

    /// <summary>Columns of unique indexes that no expression is part of, by index name (for tables without primary key).</summary>
    public IReadOnlyList<IReadOnlyList<string>> UniqueIndexes { get; init; } = [];

    /// <summary>Whether it may have columns that weren't seen yet, as where records without a schema tell of it.</summary>
    public bool MayHaveMore { get; init; }

    /// <summary>"schema.name".</summary>
    public string FullName => $"{Schema}.{Name}";
}

/// <summary>What Postgres logs of the old row in updates and deletes.</summary>
public enum PgReplicaIdentity
{
    /// <summary>The primary key, when it changes or the row is deleted.</summary>
    Default,

    /// <summary>Nothing; updates and deletes of published tables are refused by Postgres.</summary>
    Nothing,

    /// <summary>The whole row.</summary>
    Full,

    /// <summary>The columns of an index.</summary>
    Index,
}

/// <summary>A column.</summary>
public sealed class PgColumn
{
    /// <summary>The column's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required PgType Type { get; init; }

    /// <summary>The type modifier as Postgres keeps it (varchar(n): n + 4, numeric(p,s): (p &lt;&lt; 16 | s) + 4, time(p): p); -1 for none.</summary>
    public int TypeModifier { get; init; } = -1;

    /// <summary>Whether the Relation message marks it as part of the replica identity.</summary>
    public bool IsIdentity { get; init; }

    /// <summary>Whether it is declared NOT NULL.</summary>
    public bool IsNotNull { get; init; }

    /// <summary>The default as SQL text; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>Its number in the table, which stays through renames and is never used again; 0 where the catalog didn't have it any more.</summary>
    public int Number { get; init; }

    /// <summary>The text that rows written before the column was added have for it, where the catalog still knows; null otherwise.</summary>
    public string? Missing { get; init; }

    /// <summary>Whether it is generated always as stored (absent from the stream before Postgres 18).</summary>
    public bool IsGenerated { get; init; }
}

/// <summary>A type of Postgres, with what can be known of it from the catalog.</summary>
public sealed class PgType
{
    /// <summary>The type's OID.</summary>
    public required uint Oid { get; init; }

    /// <summary>Its name in pg_type: int4, timestamptz, _text, mood.</summary>
    public required string Name { get; init; }

    /// <summary>The schema it lives in.</summary>
    public string Schema { get; init; } = "pg_catalog";

    /// <summary>pg_type.typtype: b base, e enum, d domain, c composite, r range, m multirange, p pseudo.</summary>
    public char Kind { get; init; } = 'b';

    /// <summary>Labels of an enum in their order.</summary>
    public IReadOnlyList<string> EnumLabels { get; init; } = [];

    /// <summary>Labels of an enum in the order in which they were added, where it is known: those that were put between others last.</summary>
    public IReadOnlyList<string> EnumLabelsByAge { get; init; } = [];

    /// <summary>The elements' type, for an array.</summary>
    public PgType? Element { get; init; }

    /// <summary>The base type at the end of a chain of domains, for a domain.</summary>
    public PgType? DomainBase { get; init; }

    /// <summary>The type modifier that counts, for a domain.</summary>
    public int DomainTypeModifier { get; init; } = -1;
}
