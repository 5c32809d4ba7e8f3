using Microsoft.Extensions.Logging;

namespace Pathway.Checkpointing;

/// <summary>What this room tells people: event ids 200 to 299.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "The disk under the commit log is full; nothing is read or delivered until there is room. {Reason}")]
    public static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "There is room on the disk again; going on")]
    public static partial void DiskHasRoomAgain(this ILogger logger);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "Delivery to {Target} failed, trying again in {Delay}: {Reason}")]
    public static partial void DeliveryFailed(this ILogger logger, string target, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 204, Level = LogLevel.Information, Message = "Delivery to {Target} works again, behind commit {Commit}")]
    public static partial void DeliveryRecovered(this ILogger logger, string target, ulong commit);

    [LoggerMessage(EventId = 205, Level = LogLevel.Debug, Message = "Delivered to {Target}: up to commit {Commit}, row {Row}")]
    public static partial void Delivered(this ILogger logger, string target, ulong commit, long row);

    [LoggerMessage(EventId = 206, Level = LogLevel.Warning, Message = "Target {Target} can't be claimed yet, trying again in {Delay}: {Reason}")]
    public static partial void ClaimFailed(this ILogger logger, string target, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 207, Level = LogLevel.Debug, Message = "Checkpoint at commit {Commit} after {Elapsed}")]
    public static partial void Checkpointed(this ILogger logger, ulong commit, TimeSpan elapsed);

    [LoggerMessage(EventId = 208, Level = LogLevel.Information, Message = "Snapshot {Id} made in {Place}: {Bytes} bytes in {Elapsed}")]
    public static partial void SnapshotMade(this ILogger logger, string id, string place, long bytes, TimeSpan elapsed);

    [LoggerMessage(EventId = 210, Level = LogLevel.Warning, Message = "Target {Target} has what was delivered after the snapshot, up to commit {Commit}; input is replayed up to there, and nothing delivered before it: {Frontier}")]
    public static partial void TargetAhead(this ILogger logger, string target, ulong commit, string frontier);

    [LoggerMessage(EventId = 211, Level = LogLevel.Information, Message = "Input is replayed up to where target {Target} is; delivery goes on behind commit {Commit}")]
    public static partial void TargetReached(this ILogger logger, string target, ulong commit);

    [LoggerMessage(EventId = 209, Level = LogLevel.Warning, Message = "No snapshot could be made in {Place}, trying again in {Every}: {Reason}")]
    public static partial void SnapshotFailed(this ILogger logger, string place, TimeSpan every, string reason);
}
