namespace Pathway.Connectors.Postgres;

/// <summary>One change of a row, with its metadata: what the stream of changes of a database consists of.</summary>
/// <remarks>Points into the memory of its slice; lives as long as that.</remarks>
public readonly struct ChangeEvent
{
    /// <summary>The table, in the version that the change was made under.</summary>
    public required PgTable Table { get; init; }

    /// <summary>What happened.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>The transaction that made the change.</summary>
    public required PgTransaction Transaction { get; init; }

    /// <summary>The start LSN of the change's own message (several rows may share one); for a loaded row that of its chunk.</summary>
    public required Lsn Lsn { get; init; }

    /// <summary>The old row as far as Postgres sent it; absent for inserts and for updates that kept the identity.</summary>
    public TupleData Old { get; init; }

    /// <summary>Whether <see cref="Old"/> is a whole row (replica identity full) rather than a key.</summary>
    public bool OldIsWhole { get; init; }

    /// <summary>The new row; absent for deletes.</summary>
    public TupleData New { get; init; }

    /// <summary>For a loaded row, where it stands in the initial load; <see cref="LoadPlace.None"/> for streamed changes.</summary>
    public LoadPlace Place { get; init; }
}

/// <summary>What happened to a row.</summary>
public enum ChangeKind : byte
{
    /// <summary>It was read by the initial load.</summary>
    Load,

    /// <summary>It was inserted.</summary>
    Insert,

    /// <summary>It was updated.</summary>
    Update,

    /// <summary>It was deleted.</summary>
    Delete,

    /// <summary>The table was truncated; there are no rows.</summary>
    Truncate,

    /// <summary>No change: a transaction begins (<see cref="StreamEvents"/>).</summary>
    Begin,

    /// <summary>No change: a transaction ended; the LSN lies behind it.</summary>
    Commit,

    /// <summary>No change: a logical message; the new row has its prefix and its content.</summary>
    Message,

    /// <summary>No change: the source is alive.</summary>
    Heartbeat,

    /// <summary>No change: from here on a table is loaded again.</summary>
    LoadBegin,

    /// <summary>No change: a table was loaded again; rows that weren't seen since its <see cref="LoadBegin"/> are gone.</summary>
    LoadEnd,
}

/// <summary>Where a loaded row stands in the whole initial load.</summary>
public enum LoadPlace : byte
{
    /// <summary>It was not loaded.</summary>
    None,

    /// <summary>The first row of all (only where the first table has two or more rows).</summary>
    First,

    /// <summary>The first row of its table.</summary>
    FirstInTable,

    /// <summary>Neither first nor last.</summary>
    Within,

    /// <summary>The last row of its table.</summary>
    LastInTable,

    /// <summary>The last row of all.</summary>
    Last,

    /// <summary>A row of a table that was loaded later, or again.</summary>
    Later,
}

/// <summary>A transaction of the source. One object for all its changes.</summary>
/// <param name="Xid">The 32-bit transaction id of Begin; for loaded rows that of the reading transaction.</param>
/// <param name="CommitLsn">The commit LSN (Begin's final LSN).</param>
/// <param name="CommitMicros">Commit time in microseconds since 1970-01-01 UTC; for loaded rows the time of reading.</param>
/// <param name="PreviousEnd">End LSN of the last Commit message before this transaction; null before the first.</param>
public sealed record PgTransaction(uint Xid, Lsn CommitLsn, long CommitMicros, Lsn? PreviousEnd);
