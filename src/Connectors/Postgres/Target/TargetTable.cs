using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>A table of a target as the rows for it were formatted: its columns in the order of their tuples, and its key.</summary>
/// <remarks>
/// It stands with the output in the commit log, as the name of the destination: so rows that were formatted under one version of a table are delivered as such, whatever the plan says by then.
/// A row for it: key and value are an upsert, key alone a delete, value alone an insert, neither of them empties the table. Key and value are tuples (<see cref="TupleData"/>), the key's in the
/// order of <see cref="Key"/>; a value may hold unchanged columns, which keep what the table has
/// under the key; such a value may stand under another key than it holds, to which the row then moves.
/// </remarks>
/// <param name="Schema">The schema's name.</param>
/// <param name="Name">The table's name.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Key">Names of the key's columns; empty for a table that rows are only added to.</param>
internal sealed record TargetTable(string Schema, string Name, IReadOnlyList<TargetColumn> Columns, IReadOnlyList<string> Key)
{
    /// <summary>"schema.name".</summary>
    [JsonIgnore]
    public string FullName => $"{Schema}.{Name}";

    /// <summary>The name as SQL.</summary>
    [JsonIgnore]
    public string Sql => $"{FoundTable.Quote(Schema)}.{FoundTable.Quote(Name)}";

    /// <summary>Whether rows have a key.</summary>
    [JsonIgnore]
    public bool IsKeyed => Key.Count > 0;

    /// <summary>Where the key's columns stand.</summary>
    public int[] KeyPlaces() => [.. Key.Select(k => Columns.Select(c => c.Name).ToList().IndexOf(k))];

    /// <summary>The name of the destination.</summary>
    public string ToDestination() => JsonSerializer.Serialize(this, TargetTableJson.Default.TargetTable);

    /// <summary>Reads what <see cref="ToDestination"/> wrote.</summary>
    public static TargetTable FromDestination(string destination)
    {
        try
        {
            var table = JsonSerializer.Deserialize(destination, TargetTableJson.Default.TargetTable);
            if (table is { Columns.Count: > 0 } && table.Key.All(k => table.Columns.Any(c => c.Name == k))) return table;
        }
        catch (JsonException)
        {
        }

        throw new InvariantException($"'{destination}' describes no table of a Postgres target. This is a bug of Pathway; please report it with the log.");
    }

    /// <summary>Splits "schema.name".</summary>
    /// <exception cref="ConfigurationException">It has no such form.</exception>
    public static (string Schema, string Name) Split(string table) => table.IndexOf('.') is var dot and > 0 && dot < table.Length - 1
        ? (table[..dot], table[(dot + 1)..])
        : throw new ConfigurationException($"'{table}' names no table. Write schema.table, such as public.orders.");
}

/// <summary>A column of a target's table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as rows were formatted for it: a name of pg_type, such as int4, timestamptz, _text.</param>
/// <param name="Modifier">The modifier for creating it, such as "(10,2)"; empty for none.</param>
/// <param name="TypeSchema">The schema of the type; null for types that every server has.</param>
/// <param name="IsNotNull">Whether it is created NOT NULL.</param>
/// <param name="Labels">The labels of an enum, for creating it; null for other types.</param>
internal sealed record TargetColumn(string Name, string Type, string Modifier = "", string? TypeSchema = null, bool IsNotNull = false, IReadOnlyList<string>? Labels = null)
{
    /// <summary>The type as SQL, without modifier.</summary>
    [JsonIgnore]
    public string TypeSql => $"{FoundTable.Quote(TypeSchema ?? "pg_catalog")}.{FoundTable.Quote(Type)}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TargetTable))]
internal sealed partial class TargetTableJson : JsonSerializerContext;
