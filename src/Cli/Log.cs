using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>What the command line logs.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 901, EventName = "command-failed", Level = LogLevel.Error, Message = "{Text} (exit code {Code})")]
    public static partial void CommandFailed(this ILogger logger, string text, int code);
}
