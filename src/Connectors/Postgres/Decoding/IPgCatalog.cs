namespace Pathway.Connectors.Postgres;

/// <summary>What the replication stream doesn't say of a table: nullability, defaults, primary key, names and labels of types.</summary>
public interface IPgCatalog
{
    /// <summary>The table of this OID as the catalog has it at <paramref name="commitLsn"/> (a live catalog: now); null if it isn't there any more.</summary>
    PgTable? Find(uint oid, Lsn commitLsn);
}
