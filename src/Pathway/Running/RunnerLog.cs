using Microsoft.Extensions.Logging;

namespace Pathway.Running;

/// <summary>What the run loop tells people: event ids 100 to 199.</summary>
internal static partial class RunnerLog
{
    [LoggerMessage(EventId = 101, Level = LogLevel.Warning, Message = "Stopped with {Rows} rows undelivered; they are kept in {Directory} and go out at the next start")]
    public static partial void StoppedWithUndelivered(this ILogger logger, long rows, string directory);

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "The state directory is new; going on from the marker of target {Target} behind commit {Commit}, as asked")]
    public static partial void Adopted(this ILogger logger, string target, ulong commit);

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "Target {Target} can't be reached, trying again in {Delay}: {Reason}")]
    public static partial void TargetUnreachable(this ILogger logger, string target, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 104, Level = LogLevel.Warning, Message = "Stopped with a full disk: what wasn't committed is read again at the next start. {Reason}")]
    public static partial void StoppedWithFullDisk(this ILogger logger, string reason);

    [LoggerMessage(EventId = 105, Level = LogLevel.Information, Message = "The plan changed: {Source} is read again from its beginning to where it stood, for steps that are made anew")]
    public static partial void ReadingAgain(this ILogger logger, string source);
}
