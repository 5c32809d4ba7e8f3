namespace Pathway.Connectors.Postgres;

/// <summary>What the replication stream leaves out: nullability, defaults, primary keys, and what types are.</summary>
public interface IPgCatalog
{
    /// <summary>The table with this OID, its columns in the catalog's order; null when there is none (any more).</summary>
    /// <param name="oid">The table's OID, as the Relation message has it.</param>
    /// <param name="commit">Commit LSN of the transaction that the table is needed for. A catalog that keeps versions gives the one of that time, a live one the newest.</param>
    PgTable? FindTable(uint oid, Lsn commit);

    /// <summary>The type with this OID, for columns that the catalog doesn't have (any more); null when it doesn't know it either.</summary>
    /// <param name="oid">The type's OID.</param>
    /// <param name="commit">As above.</param>
    PgType? FindType(uint oid, Lsn commit);
}
