using Microsoft.Extensions.Logging;

namespace Pathway.Connectors.Postgres;

/// <summary>What the source tells of loads and of its slot: event ids 411 to 429.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 411, Level = LogLevel.Warning, Message = "Table {Table} was to be loaded and is gone")]
    public static partial void LoadGone(this ILogger logger, string table);

    [LoggerMessage(EventId = 412, Level = LogLevel.Information, Message = "Table {Table} is asked for and published now; loading it while streaming goes on")]
    public static partial void TableAdded(this ILogger logger, string table);

    [LoggerMessage(EventId = 413, Level = LogLevel.Warning, Message = "Table {Table} is asked for and published now, without its earlier rows: {Reason}")]
    public static partial void TableAddedWithoutLoad(this ILogger logger, string table, string reason);

    [LoggerMessage(EventId = 414, Level = LogLevel.Information, Message = "Added table {Table} to publication {Publication}")]
    public static partial void PublicationExtended(this ILogger logger, string table, string publication);

    [LoggerMessage(EventId = 415, Level = LogLevel.Information, Message = "Loading table {Table} again, as asked")]
    public static partial void Reloading(this ILogger logger, string table);

    [LoggerMessage(EventId = 416, Level = LogLevel.Warning, Message = "Table {Table} is asked for and not in publication {Publication}, so that nothing of it is read. Its owner adds it: ALTER PUBLICATION {Publication} ADD TABLE {Sql}")]
    public static partial void TableUnpublished(this ILogger logger, string table, string publication, string sql);

    [LoggerMessage(EventId = 417, Level = LogLevel.Information, Message = "Load complete: {Rows} rows of {Tables} tables")]
    public static partial void LaterLoadComplete(this ILogger logger, long rows, int tables);

    [LoggerMessage(EventId = 418, Level = LogLevel.Warning, Message = "Replication slot {Slot} holds {Retained} bytes of WAL back (status {Status}), and the server has {Safe} bytes left before it gives the slot up. See why targets lag, or give max_slot_wal_keep_size and the disk more room")]
    public static partial void WalRunsOut(this ILogger logger, string slot, long retained, string status, string safe);

    [LoggerMessage(EventId = 419, Level = LogLevel.Information, Message = "Replication slot {Slot} is well again: it holds {Retained} bytes of WAL back")]
    public static partial void WalIsWell(this ILogger logger, string slot, long retained);

    [LoggerMessage(EventId = 420, Level = LogLevel.Debug, Message = "The replication slot can't be looked at: {Reason}")]
    public static partial void WalNotSeen(this ILogger logger, string reason);

    [LoggerMessage(EventId = 421, Level = LogLevel.Information, Message = "Loaded tables without primary key from the slot's snapshot: {Tables}, {Rows} rows")]
    public static partial void KeylessLoaded(this ILogger logger, string tables, long rows);

    [LoggerMessage(EventId = 422, Level = LogLevel.Warning, Message = "Replication slot {Slot} is given up, as asked; another one is made, and every table is loaded again")]
    public static partial void LoadingAll(this ILogger logger, string slot);

    [LoggerMessage(EventId = 423, Level = LogLevel.Warning, Message = "What publication {Publication} has of table {Table} was changed, and changed back: what was written meanwhile wasn't sent; loading the table again. Rows deleted meanwhile are told of tables whose rows are remembered (before: state)")]
    public static partial void LoadingWhatWasLeftOut(this ILogger logger, string table, string publication);

    [LoggerMessage(EventId = 424, Level = LogLevel.Warning, Message = "What publication {Publication} has of table {Table} was changed, and changed back: what was written meanwhile wasn't sent, and the table isn't loaded again: {Reason}")]
    public static partial void ChangesLeftOut(this ILogger logger, string table, string publication, string reason);
}
