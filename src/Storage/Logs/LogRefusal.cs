using Pathway.Core;

namespace Pathway.Storage;

/// <summary>The refusals of the commit log.</summary>
internal static class LogRefusal
{
    private const string Restore = "Restore the whole state directory from one copy or snapshot, or begin anew with an empty one; what lies behind the damage can't be guessed.";

    /// <summary>Bytes that were durable aren't what was written.</summary>
    public static RefusalException Damaged(string path, string found, string expected) => new($"the commit log is damaged in '{path}'", found, expected, "Check the disk. " + Restore);

    /// <summary>A segment that was durable isn't there.</summary>
    public static RefusalException Missing(string where, string found, string expected) => new($"a file of the commit log is missing in '{where}'", found, expected, "Put the file back if it was moved. " + Restore);

    /// <summary>RocksDB holds more than the log has ever had.</summary>
    public static RefusalException RocksDbAhead(string folder, string found, CommitNumber folded) =>
        new($"RocksDB is ahead of the commit log in '{folder}'", found, $"a log that reaches commit {folded} at least, which RocksDB holds", "Log and RocksDB are of different copies, or the log was truncated. " + Restore);
}
