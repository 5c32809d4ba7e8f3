using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Which row of a database: the table's OID and the text of the primary key.</summary>
/// <param name="Table">The OID; 0 for what is remembered of tables themselves.</param>
/// <param name="Key">The key's text; for a table its OID, for a version of it OID/number.</param>
public readonly record struct RowKey(uint Table, string Key);

/// <summary>A row as it was last seen.</summary>
/// <param name="Version">The version of its table that it has the columns of.</param>
/// <param name="Round">Which load of the table was the last to begin when it was seen.</param>
/// <param name="Tuple">Its values, in the form of <see cref="TupleData"/>; of a version the columns.</param>
public readonly record struct StoredRow(int Version, int Round, Blob Tuple);
