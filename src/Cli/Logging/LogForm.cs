namespace Pathway.Cli;

/// <summary>The forms of the log.</summary>
internal enum LogForm
{
    /// <summary>One readable line: time, level, message.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
