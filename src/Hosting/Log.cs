using Microsoft.Extensions.Logging;

namespace Pathway.Hosting;

/// <summary>What what stands around a pipeline tells people: event ids 300 to 399.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "Nobody can ask this pipeline anything while it runs: {Reason}")]
    public static partial void NoControl(this ILogger logger, string reason);
}
