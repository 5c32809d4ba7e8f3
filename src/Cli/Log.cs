using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>What the command line tells people: event ids 900 to 999.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 901, EventName = "command-failed", Level = LogLevel.Error, Message = "{Text} (exit code {Code})")]
    public static partial void CommandFailed(this ILogger logger, string text, int code);

    [LoggerMessage(EventId = 902, EventName = "started", Level = LogLevel.Information, Message = "Pipeline {Name} resumes behind commit {Commit} in {State}; reads {Sources}; writes {Targets}")]
    public static partial void Started(this ILogger logger, string name, string state, ulong commit, string sources, string targets);

    [LoggerMessage(EventId = 903, EventName = "streaming", Level = LogLevel.Information, Message = "Streaming: changes flow as they are committed")]
    public static partial void Streaming(this ILogger logger);

    [LoggerMessage(EventId = 904, EventName = "rates", Level = LogLevel.Information,
        Message = "{Read:0} rows/s read, {Delivered:0} records/s delivered, {Commits:0.0} commits/s, at commit {Commit}, {Undelivered} records waiting, lag {Lag:0.0} s")]
    public static partial void Rates(this ILogger logger, double read, double delivered, double commits, ulong commit, long undelivered, double lag);

    [LoggerMessage(EventId = 905, EventName = "stopped", Level = LogLevel.Information, Message = "Stopped as asked behind commit {Commit}; {Delivered} rows delivered since the start, {Undelivered} kept for the next")]
    public static partial void Stopped(this ILogger logger, ulong commit, long delivered, long undelivered);

    [LoggerMessage(EventId = 906, EventName = "value-lost", Level = LogLevel.Warning, Message = "Column {Column} of {Table} has values that events of this form can't carry; they are written as the nearest that fits. Told once for each column")]
    public static partial void ValueLost(this ILogger logger, string table, string column);

    [LoggerMessage(EventId = 907, EventName = "registry-waits", Level = LogLevel.Error, Message = "{Reason} Nothing goes on until then, and nothing is dropped; tried again every few seconds")]
    public static partial void RegistryWaits(this ILogger logger, string reason);

    [LoggerMessage(EventId = 908, EventName = "registry-goes-on", Level = LogLevel.Information, Message = "The schema registry answered: changes flow again")]
    public static partial void RegistryGoesOn(this ILogger logger);

    [LoggerMessage(EventId = 909, EventName = "rows-stay", Level = LogLevel.Warning,
        Message = "Table {Table} was emptied by TRUNCATE, and plain rows have no record for that: its rows stay in the topic. With before: state each of them is told as gone")]
    public static partial void RowsStayInTopic(this ILogger logger, string table);
}
