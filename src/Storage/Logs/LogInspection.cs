using Pathway.Core;

namespace Pathway.Storage;

/// <summary>What a commit log holds, read without changing anything: for a pipeline that doesn't run.</summary>
/// <param name="Segments">The segments, oldest first.</param>
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
        var paths = disk.List(folder).Where(n => n.EndsWith(".log", StringComparison.Ordinal)).Select(n => Path.Combine(folder, n)).ToList();
        var segments = new List<Segment>();
        foreach (var path in paths)
        {
            if (Segment.Open(disk, path) is { } segment) segments.Add(segment);
            else if (path != paths[^1]) throw CommitLogRecovery.Refused(path, "a damaged head of the segment", "an intact one");
        }

        if (segments.Count == 0) return new LogInspection([], CommitNumber.None, CommitNumber.None);
        var before = new CommitNumber(segments[0].First.Value - 1);
        var last = before;
        for (var i = 0; i < segments.Count; i++)
            last = CommitLogRecovery.Scan(disk, segments[i], last, i + 1 < segments.Count ? segments[i + 1].First : null, closed);
        return new LogInspection([.. segments.Select(s => new LogSegment(s.Name, s.First, LengthOf(disk, s)))], last > before ? before.Next() : CommitNumber.None, last > before ? last : CommitNumber.None);
    }

    private static long LengthOf(IDisk disk, Segment segment)
    {
        using var file = disk.Open(segment.Path);
        return file.Length;
    }
}
