using Pathway.Core;

namespace Pathway.Storage;

/// <summary>What a commit log holds, read without changing anything: for a pipeline that doesn't run.</summary>
/// <param name="Segments">The segments that hold whole commits, oldest first.</param>
/// <param name="First">The oldest whole commit; <see cref="CommitNumber.None"/> when there is none.</param>
/// <param name="Last">The newest whole commit.</param>
public sealed record LogInspection(IReadOnlyList<LogSegment> Segments, CommitNumber First, CommitNumber Last)
{
    /// <summary>Reads every record of the log in <paramref name="folder"/>, checksums verified.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="folder">The log's folder.</param>
    /// <param name="closed">Called with the closing record of each whole commit, in order; its memory lives until the call returns.</param>
    /// <exception cref="RefusalException">Damaged before its tail, or a segment missing.</exception>
    public static LogInspection Run(IDisk disk, string folder, Action<LogRecord> closed)
    {
        var segments = CommitLogRecovery.OpenSegments(disk, folder);
        if (segments.Count == 0) return new LogInspection([], CommitNumber.None, CommitNumber.None);
        var before = new CommitNumber(segments[0].First.Value - 1);
        var last = before;
        for (var i = 0; i < segments.Count; i++)
            last = CommitLogRecovery.Scan(disk, segments[i], last, i + 1 < segments.Count ? segments[i + 1].First : null, closed);
        return new LogInspection(LogSegment.Describe(segments, last), last > before ? before.Next() : CommitNumber.None, last > before ? last : CommitNumber.None);
    }
}
