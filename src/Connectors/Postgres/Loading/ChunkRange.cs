namespace Pathway.Connectors.Postgres;

/// <summary>A range of a table's rows, by primary key.</summary>
/// <param name="Table">The table.</param>
/// <param name="After">The key behind which it begins; null for the table's beginning.</param>
/// <param name="End">The key that it ends with; null where a chunk's number of rows or bytes, or the table's end, ends it.</param>
/// <param name="Rows">How many rows it has at most.</param>
/// <param name="IsFirstTable">Whether the table is the first of all.</param>
/// <param name="Cause">Why the table is loaded.</param>
internal sealed record ChunkRange(FoundTable Table, IReadOnlyList<string>? After, IReadOnlyList<string>? End, int Rows, bool IsFirstTable, LoadCause Cause);
