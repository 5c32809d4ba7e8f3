namespace Pathway.Connectors.Postgres;

/// <summary>How a value is hidden.</summary>
public enum ColumnMask
{
    /// <summary>The hexadecimal SHA-256 of its text, with a salt where there is one: equal values stay equal. The column becomes text.</summary>
    Hash,

    /// <summary>NULL. The column keeps its type and may be null.</summary>
    Null,

    /// <summary>Its last four characters behind four stars; only stars where it has no more than four. The column becomes text.</summary>
    Last4,
}

/// <summary>What is carried of some tables: which columns, under which names, which of them hidden, and which rows. All names are the source's.</summary>
/// <param name="Table">"schema.name"; <c>*</c> stands for any characters of a name.</param>
public sealed record TableRules(string Table)
{
    /// <summary>The columns that are carried, in the table's order; null, the default: all. The primary key has to be among them.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Columns that are called otherwise in the target.</summary>
    public IReadOnlyDictionary<string, string> Rename { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns whose values are hidden; none of the primary key.</summary>
    public IReadOnlyDictionary<string, ColumnMask> Masks { get; init; } = new Dictionary<string, ColumnMask>();

    /// <summary>Which rows are carried (<see cref="RowFilter"/>); null, the default: all.</summary>
    public RowFilter? Where { get; init; }

    /// <summary>Whether rows of the table are remembered from its load on (<see cref="RowMemory"/>), so that conditions may look at any column: a row that nobody remembers was never carried. Default: no.</summary>
    public bool RowsAreRemembered { get; init; }

    /// <summary>What hashes are salted with; empty for none.</summary>
    public string Salt { get; init; } = "";

    /// <summary>The rules in words, for people and for the plan; no salt.</summary>
    public override string ToString() => string.Join("; ", Parts());

    private IEnumerable<string> Parts()
    {
        yield return Table;
        if (Columns is not null) yield return $"columns {string.Join(", ", Columns)}";
        if (Rename.Count > 0) yield return $"renamed {string.Join(", ", Rename.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key} to {r.Value}"))}";
        if (Masks.Count > 0) yield return $"masked {string.Join(", ", Masks.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key} {m.Value}"))}{(Salt.Length > 0 ? ", salted" : "")}";
        if (Where is not null) yield return $"where {Where}";
    }
}
