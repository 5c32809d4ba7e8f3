using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The section <c>to.postgres</c>.</summary>
internal sealed record PostgresTargetConfiguration
{
    /// <summary>Npgsql's connection string.</summary>
    public required Secret Connection { get; init; }

    /// <summary>The schema of all tables; null, the default: each in the schema that it has in the source.</summary>
    public string? Schema { get; init; }

    /// <summary>Whether tables and columns that are absent are created (<c>tables: create</c>) or refused (<c>must-exist</c>, the default).</summary>
    public bool CreateTables { get; init; }

    /// <summary>Tables that are called otherwise in the target: "schema.table" in the source to "schema.table" there.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>The schema of the table with the markers. Default: pathway.</summary>
    public string ProgressSchema { get; init; } = "pathway";

    /// <summary>The table, in the same database, for rows that the target refuses; null, the default: they stop the sync.</summary>
    public string? DeadLetters { get; init; }

    /// <summary>Limits of one transaction.</summary>
    public TransactionLimits Transaction { get; init; } = new();
}
