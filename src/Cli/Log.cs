using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>What the command line logs.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 901, EventName = "command-failed", Level = LogLevel.Error, Message = "{Text} (exit code {Code})")]
    public static partial void CommandFailed(this ILogger logger, string text, int code);

    [LoggerMessage(EventId = 902, EventName = "streaming", Level = LogLevel.Information, Message = "Streaming: {Name} follows the database")]
    public static partial void Streaming(this ILogger logger, string name);

    [LoggerMessage(EventId = 903, EventName = "rates", Level = LogLevel.Information,
        Message = "{Read:0} rows/s read, {Delivered:0} records/s delivered, {Commits:0.0} commits/s, {Undelivered} records undelivered, {Lag:0.0} s behind")]
    public static partial void Rates(this ILogger logger, double read, double delivered, double commits, long undelivered, double lag);

    [LoggerMessage(EventId = 904, EventName = "stopped", Level = LogLevel.Information, Message = "Stopped behind commit {Commit}: {Delivered} records delivered, {Undelivered} undelivered")]
    public static partial void Stopped(this ILogger logger, ulong commit, long delivered, long undelivered);
}
