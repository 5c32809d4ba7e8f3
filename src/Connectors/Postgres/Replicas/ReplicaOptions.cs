namespace Pathway.Connectors.Postgres;

/// <summary>What the tables of a source are called in the target.</summary>
public sealed record ReplicaOptions
{
    /// <summary>The schema of all tables; null, the default: each in the schema that it has in the source.</summary>
    public string? Schema { get; init; }

    /// <summary>Tables that are called otherwise: "schema.name" in the source to "schema.name" in the target.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>What is carried of some tables (<see cref="Shaping.Shaped"/>); here for describing the target's tables beforehand.</summary>
    public IReadOnlyList<TableRules> Rules { get; init; } = [];

    /// <summary>Where a table goes.</summary>
    internal (string Schema, string Name) Place(PgTable table) => Names.TryGetValue(table.FullName, out var named) ? TargetTable.Split(named) : (Schema ?? table.Schema, table.Name);
}
