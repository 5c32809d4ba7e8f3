using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What happens with a table, or a column of it, that the target lacks.</summary>
public enum TableCreation
{
    /// <summary>It is created.</summary>
    Create,

    /// <summary>The pipeline refuses to write.</summary>
    MustExist,
}

/// <summary>One PostgreSQL database as a target. Compared by value: sinks with equal options share one connection and one transaction.</summary>
public sealed record PostgresTargetOptions
{
    /// <summary>The connection in Npgsql's words: <c>Host=…;Port=…;Database=…;Username=…;Password=…;SSL Mode=…</c>. It has to reach the server itself, or a pooler that keeps sessions.</summary>
    public required string Connection { get; init; }

    /// <summary>The target's name in the pipeline, part of its durable identity; default "postgres". Two databases in one pipeline need different names.</summary>
    public string Name { get; init; } = "postgres";

    /// <summary>What happens with tables and columns that are missing; default: the pipeline refuses to write.</summary>
    public TableCreation Tables { get; init; } = TableCreation.MustExist;

    /// <summary>The schema that holds the table <c>progress</c> with the markers; it is created. Default "pathway".</summary>
    public string ProgressSchema { get; init; } = "pathway";

    /// <summary>
    /// The table, "schema.name" in the same database, for rows that the target refuses (a constraint, a value that doesn't fit): they are put there in the transaction of the rows beside them. It is created. Default null: the first such row
    /// stops the pipeline.
    /// </summary>
    public string? DeadLetters { get; init; }

    /// <summary>From so many rows on, those of one table are copied in bulk rather than sent as parameters. Default 1000.</summary>
    public int BulkRows { get; init; } = 1000;

    /// <summary>Limits of one transaction.</summary>
    public TransactionLimits Limits { get; init; } = new();

    /// <summary>Name and place; no connection, since it holds a password.</summary>
    public override string ToString() => $"{Name} at {Place}";

    /// <summary>Server and database, without secrets.</summary>
    internal string Place
    {
        get
        {
            var parsed = PostgresOptions.Parse(Connection);
            return $"{parsed.Host}:{parsed.Port}/{parsed.Database}";
        }
    }

    /// <summary>The connection with the settings that delivery rests on.</summary>
    internal string SqlConnection
    {
        get
        {
            var builder = PostgresOptions.Parse(Connection);
            // A session that hangs in its transaction would hold its locks for ever; and what is committed has to be on disk.
            const string settings = PostgresOptions.ValueSettings + " -c synchronous_commit=on -c idle_in_transaction_session_timeout=60s";
            builder.Options = string.IsNullOrEmpty(builder.Options) ? settings : $"{builder.Options} {settings}";
            builder.Pooling = false;
            builder.IncludeErrorDetail = false; // details repeat the values of rows
            builder.ApplicationName ??= "pathway";
            if (!builder.ShouldSerialize("Max Auto Prepare")) (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (100, 2);
            return builder.ConnectionString;
        }
    }

    /// <exception cref="ConfigurationException">An option is wrong.</exception>
    internal void Check()
    {
        var parsed = PostgresOptions.Parse(Connection);
        if (string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database)) throw new ConfigurationException("The connection to the Postgres target lacks Host or Database: Host=…;Port=5432;Database=…;Username=…;Password=….");
        if (Name.Length == 0) throw new ConfigurationException("A Postgres target needs a name.");
        if (ProgressSchema.Length is 0 or > 63) throw new ConfigurationException($"'{ProgressSchema}' can't be the name of a schema: it has {ProgressSchema.Length} characters, 1 to 63 are allowed.");
        if (DeadLetters is not null) TargetTable.Split(DeadLetters);
        if (BulkRows < 1) throw new ConfigurationException($"BulkRows is {BulkRows}; it has to be at least 1.");
    }
}
