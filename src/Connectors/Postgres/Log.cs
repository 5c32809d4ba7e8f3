using Microsoft.Extensions.Logging;

namespace Pathway.Connectors.Postgres;

/// <summary>What this connector tells people: event ids 400 to 449.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 401, Level = LogLevel.Warning, Message = "Connection to PostgreSQL lost, trying again in {Delay}: {Reason}")]
    public static partial void Lost(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 402, Level = LogLevel.Information, Message = "Connected to PostgreSQL {Place}, going on at {Lsn}")]
    public static partial void Connected(this ILogger logger, string place, Lsn lsn);

    [LoggerMessage(EventId = 403, Level = LogLevel.Information, Message = "Made publication {Publication} for {Tables}")]
    public static partial void PublicationMade(this ILogger logger, string publication, string tables);

    [LoggerMessage(EventId = 404, Level = LogLevel.Information, Message = "Made replication slot {Slot} at {Lsn}")]
    public static partial void SlotMade(this ILogger logger, string slot, Lsn lsn);

    [LoggerMessage(EventId = 405, Level = LogLevel.Information, Message = "Making replication slot {Slot}; PostgreSQL first waits for all transactions that run now")]
    public static partial void MakingSlot(this ILogger logger, string slot);

    [LoggerMessage(EventId = 406, Level = LogLevel.Information, Message = "Initial load of {Table}: {Rows} rows loaded in all, about {Percent:0} % of {Estimate}, {Rate:0} rows/s")]
    public static partial void LoadProgress(this ILogger logger, string table, long rows, double percent, long estimate, double rate);

    [LoggerMessage(EventId = 407, Level = LogLevel.Information, Message = "Initial load complete: {Rows} rows of {Tables} tables")]
    public static partial void LoadComplete(this ILogger logger, long rows, int tables);

    [LoggerMessage(EventId = 408, Level = LogLevel.Warning, Message = "Replication slot {Slot} is still held by process {Pid} of the server; ending that one")]
    public static partial void EndingHolder(this ILogger logger, string slot, int pid);

    [LoggerMessage(EventId = 409, Level = LogLevel.Information, Message = "Replication slot {Slot} is still being made for an earlier start of ours; PostgreSQL first waits for all transactions that ran then")]
    public static partial void SlotBeingMade(this ILogger logger, string slot);

    [LoggerMessage(EventId = 410, Level = LogLevel.Warning, Message = "PostgreSQL {Place} was promoted: timeline {Before} became {Now}, which contains our position; going on at {Lsn}")]
    public static partial void FailedOver(this ILogger logger, string place, uint before, uint now, Lsn lsn);

    [LoggerMessage(EventId = 430, Level = LogLevel.Debug, Message = "Target {Target}: took over as generation {Generation}")]
    public static partial void TargetFenced(this ILogger logger, string target, long generation);

    [LoggerMessage(EventId = 431, Level = LogLevel.Warning, Message = "Target {Target}: process {Pid} of the server still delivers for an earlier start; ended it")]
    public static partial void PredecessorEnded(this ILogger logger, string target, int pid);

    [LoggerMessage(EventId = 432, Level = LogLevel.Debug, Message = "Target {Target}: committed {Rows} rows, {Bytes} bytes in {Elapsed}")]
    public static partial void TargetCommitted(this ILogger logger, string target, long rows, long bytes, TimeSpan elapsed);

    [LoggerMessage(EventId = 433, Level = LogLevel.Warning, Message = "Table {Table}: {Rows} updates that leave unchanged large values out met no row in the target; they were left out")]
    public static partial void NothingToPatch(this ILogger logger, string table, long rows);

    [LoggerMessage(EventId = 436, Level = LogLevel.Warning, Message = "A row for table {Table}, key ({Key}), goes to the dead letters: {Reason}")]
    public static partial void RowPutAside(this ILogger logger, string table, string key, string reason);

    [LoggerMessage(EventId = 437, Level = LogLevel.Warning, Message = "Added label '{Label}' to type {Type}, which rows for table {Table} have; it stands behind the others, whatever the order is at the source")]
    public static partial void LabelAdded(this ILogger logger, string label, string type, string table);

    [LoggerMessage(EventId = 434, Level = LogLevel.Information, Message = "Made table {Table} in {Place}")]
    public static partial void TargetTableMade(this ILogger logger, string table, string place);

    [LoggerMessage(EventId = 435, Level = LogLevel.Information, Message = "Table {Table}: added {Columns}")]
    public static partial void TargetColumnsAdded(this ILogger logger, string table, string columns);
}
