using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>What becomes of records that hold no row.</summary>
internal sealed partial class RecordErrors(BadLines policy, ILogger logger)
{
    private const int LoggedOfAFile = 10;
    private string _file = "";
    private long _skipped;

    /// <summary>Whether an exception says that a record holds no row.</summary>
    public static bool IsOfRecord(Exception e) => e is JsonException or FormatException;

    /// <summary>Stops, or notes that the record was left out.</summary>
    public void Meet(Exception e, string file, long line, ReadOnlySpan<byte> record)
    {
        var start = Encoding.UTF8.GetString(record[..Math.Min(record.Length, 120)]);
        var message = $"Line {line} of {file} can't be read as a row: {e.Message.TrimEnd('.')}. It begins: {start}";
        if (policy == BadLines.Stop) throw new BadDataException(message, e);
        if (file != _file) EndOfFile();
        _file = file;
        if (_skipped++ < LoggedOfAFile) Skipped(logger, message);
    }

    /// <summary>Says how many records of the file were left out, if any.</summary>
    public void EndOfFile()
    {
        if (_skipped > 0) SkippedOfFile(logger, _skipped, _file);
        _skipped = 0;
    }

    [LoggerMessage(EventId = 120, Level = LogLevel.Warning, Message = "Left out: {Reason}")]
    private static partial void Skipped(ILogger logger, string reason);

    [LoggerMessage(EventId = 121, Level = LogLevel.Warning, Message = "{Count} lines of {File} were left out, since they hold no row")]
    private static partial void SkippedOfFile(ILogger logger, long count, string file);
}
