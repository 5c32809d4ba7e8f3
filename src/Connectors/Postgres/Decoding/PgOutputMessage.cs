namespace Pathway.Connectors.Postgres;

/// <summary>What a message of the replication stream was.</summary>
public enum PgOutputKind : byte
{
    /// <summary>Nothing that a reader has to act on: Relation, Type, Origin.</summary>
    Other,

    /// <summary>A transaction begins.</summary>
    Begin,

    /// <summary>It ends; it was committed.</summary>
    Commit,

    /// <summary>A row changed, or a table was truncated.</summary>
    Change,

    /// <summary>A logical message (<c>pg_logical_emit_message</c>).</summary>
    Message,
}

/// <summary>One decoded message.</summary>
public readonly struct PgOutputMessage
{
    /// <summary>What it was.</summary>
    public PgOutputKind Kind { get; init; }

    /// <summary>The change, or the first of them for a truncate of several tables.</summary>
    public ChangeEvent Change { get; init; }

    /// <summary>All tables of a truncate; null for other changes.</summary>
    public IReadOnlyList<PgTable>? Truncated { get; init; }

    /// <summary>For a commit: the LSN behind it, which a position names.</summary>
    public Lsn End { get; init; }

    /// <summary>For a logical message: whether it belongs to a transaction.</summary>
    public bool IsTransactional { get; init; }

    /// <summary>For a logical message: its prefix.</summary>
    public string? Prefix { get; init; }

    /// <summary>For a logical message: its content.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }
}
