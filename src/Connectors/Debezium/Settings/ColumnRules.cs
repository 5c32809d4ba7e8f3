using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Which tables, columns and logical messages are carried, and which columns are changed on the way.</summary>
public sealed record ColumnRules
{
    /// <summary>Everything is carried as it is.</summary>
    public static ColumnRules None { get; } = new();

    /// <summary>Schemas that are carried (<c>schema.include.list</c>); null for all.</summary>
    public NamePatterns? Schemas { get; init; }

    /// <summary>Schemas that aren't (<c>schema.exclude.list</c>).</summary>
    public NamePatterns? NotSchemas { get; init; }

    /// <summary>Tables, as schema.table, that are carried (<c>table.include.list</c>); null for all.</summary>
    public NamePatterns? Tables { get; init; }

    /// <summary>Tables that aren't (<c>table.exclude.list</c>).</summary>
    public NamePatterns? NotTables { get; init; }

    /// <summary>Columns, as schema.table.column, that are carried (<c>column.include.list</c>); null for all.</summary>
    public NamePatterns? Columns { get; init; }

    /// <summary>Columns that aren't (<c>column.exclude.list</c>).</summary>
    public NamePatterns? NotColumns { get; init; }

    /// <summary>Prefixes of logical messages that are carried (<c>message.prefix.include.list</c>); null for all.</summary>
    public NamePatterns? Messages { get; init; }

    /// <summary>Prefixes of logical messages that aren't (<c>message.prefix.exclude.list</c>).</summary>
    public NamePatterns? NotMessages { get; init; }

    /// <summary>Columns whose schema says their type in the database (<c>column.propagate.source.type</c>).</summary>
    public NamePatterns? SourceTypes { get; init; }

    /// <summary>Types, as schema.table.type, whose columns say it (<c>datatype.propagate.source.type</c>).</summary>
    public NamePatterns? SourceTypesOfTypes { get; init; }

    /// <summary>What is done with texts (<c>column.mask.…</c>, <c>column.truncate.…</c>); of several rules for a column one holds: the first that truncates, else that puts asterisks, else that hashes.</summary>
    public IReadOnlyList<ColumnMask> Masks { get; init; } = [];

    /// <summary>Whether a table is carried.</summary>
    public bool Has(PgTable table) =>
        (Schemas?.IsMatch(table.Schema) ?? true) && !(NotSchemas?.IsMatch(table.Schema) ?? false) && (Tables?.IsMatch(table.FullName) ?? true) && !(NotTables?.IsMatch(table.FullName) ?? false);

    /// <summary>Whether a column is carried.</summary>
    internal bool Has(PgTable table, PgColumn column)
    {
        var name = $"{table.FullName}.{column.Name}";
        return (Columns?.IsMatch(name) ?? true) && !(NotColumns?.IsMatch(name) ?? false);
    }

    /// <summary>Whether a logical message is carried.</summary>
    internal bool HasMessage(string prefix) => (Messages?.IsMatch(prefix) ?? true) && !(NotMessages?.IsMatch(prefix) ?? false);

    /// <summary>What is done with a column's texts; null for nothing.</summary>
    internal ColumnMask? MaskOf(PgTable table, PgColumn column) => Masks.Where(mask => mask.Columns.IsMatch($"{table.FullName}.{column.Name}")).MinBy(mask => mask.Rank);

    /// <summary>What a column's schema says beyond its type; of a mask and the type in the database only the mask.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Parameters(PgTable table, PgColumn column)
    {
        if (MaskOf(table, column) is { } mask) return mask.Parameters(column);
        return SaysType(table, column) ? SourceColumnType.Parameters(column) : [];
    }

    private bool SaysType(PgTable table, PgColumn column) =>
        (SourceTypes?.IsMatch($"{table.FullName}.{column.Name}") ?? false) || (SourceTypesOfTypes?.IsMatch($"{table.FullName}.{column.Type.Name}") ?? false);
}

/// <summary>What is done with the texts of columns.</summary>
/// <param name="Columns">The columns, as schema.table.column.</param>
/// <param name="Kind">What.</param>
public sealed record ColumnMask(NamePatterns Columns, MaskKind Kind)
{
    /// <summary>How many asterisks, or how many characters are left.</summary>
    public int Length { get; init; }

    /// <summary>The algorithm of a hash, by its name in Java: SHA-256.</summary>
    public string Algorithm { get; init; } = "";

    /// <summary>What is hashed before the value.</summary>
    public string Salt { get; init; } = "";

    /// <summary>Its place among masks for the same column; the least holds.</summary>
    internal int Rank => Kind switch { MaskKind.Truncate => 0, MaskKind.Asterisks => 1, MaskKind.HashOfSerialized => 2, _ => 3 };

    /// <summary>Whether values of the column can be longer than what is left of them.</summary>
    internal bool CanCut(PgColumn column) => SourceColumnType.LengthOf(column) > Length;

    /// <summary>What the schema says of the column: that it is masked, also where its type is none that is, or where it is cut, if it can be.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Parameters(PgColumn column)
    {
        if (Kind != MaskKind.Truncate) return [new("masked", "true")];
        return CanCut(column) ? [new("truncateLength", Length.ToString(System.Globalization.CultureInfo.InvariantCulture))] : [];
    }
}

/// <summary>What a mask does with a text.</summary>
public enum MaskKind
{
    /// <summary>Asterisks in its place, also for NULL (<c>column.mask.with.N.chars</c>).</summary>
    Asterisks,

    /// <summary>Its first characters (<c>column.truncate.to.N.chars</c>).</summary>
    Truncate,

    /// <summary>Its hash (<c>column.mask.hash.v2.ALGORITHM.with.salt.SALT</c>).</summary>
    Hash,

    /// <summary>The hash of its Java serialization (<c>column.mask.hash.ALGORITHM.with.salt.SALT</c>).</summary>
    HashOfSerialized,
}
