using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Finds out, at open, which commits a log holds, and puts its end on safe ground (protocol, section 5).</summary>
internal static class CommitLogRecovery
{
    /// <summary>What recovery found.</summary>
    /// <param name="Segments">The segments that count, in order; empty for a log without any.</param>
    /// <param name="Last">The last whole commit; the one before the first segment's first if there is none.</param>
    public sealed record Found(IReadOnlyList<Segment> Segments, CommitNumber Last);

    /// <summary>Reads the log in <paramref name="folder"/>, of which RocksDB holds everything up to <paramref name="folded"/>.</summary>
    /// <exception cref="RefusalException">Damaged before its tail, a segment missing, or not fitting to <paramref name="folded"/>.</exception>
    public static Found Run(IDisk disk, string folder, CommitNumber folded)
    {
        foreach (var name in disk.List(folder).Where(n => n.EndsWith(".tmp", StringComparison.Ordinal))) disk.Delete(Path.Combine(folder, name));
        var segments = OpenSegments(disk, folder);
        if (segments.Count == 0)
        {
            if (folded != CommitNumber.None) throw Refused(folder, "the log is empty", $"a log that goes on behind commit {folded}, which RocksDB holds");
            return new Found([], CommitNumber.None);
        }

        if (segments[0].First > folded.Next())
            throw Refused(folder, $"a log that begins with commit {segments[0].First}", $"one that goes on behind commit {folded}, which RocksDB holds: a segment is missing");
        var last = new CommitNumber(segments[0].First.Value - 1);
        for (var i = 0; i < segments.Count; i++)
        {
            var next = i + 1 < segments.Count ? segments[i + 1].First : (CommitNumber?)null;
            if (next is { } follower && follower <= folded) last = new CommitNumber(follower.Value - 1); // folded: read again only by a target that lags
            else last = Scan(disk, segments[i], last, next);
        }

        if (folded > last) throw Refused(folder, $"a log that ends with commit {last}", $"commit {folded} at least, which RocksDB holds");
        return MoveTail(disk, folder, segments, last);
    }

    private static List<Segment> OpenSegments(IDisk disk, string folder)
    {
        var segments = new List<Segment>();
        var names = disk.List(folder).Where(n => n.EndsWith(".log", StringComparison.Ordinal)).ToList();
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            var segment = Segment.Open(disk, path);
            if (segment is not null && segment.Path == path) segments.Add(segment);
            else if (name != names[^1]) throw Refused(path, "a damaged head of the segment", "an intact one");
            else disk.Delete(path); // a new segment whose head never reached the disk: nothing in it was synced
        }

        return segments;
    }

    /// <summary>Goes through a segment; returns the last whole commit in it. Where another segment follows, everything before that one's first commit has to be there.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="last">The last commit before it.</param>
    /// <param name="next">The first commit of the segment behind it, if there is one.</param>
    /// <param name="closed">Called with the closing record of each whole commit.</param>
    public static CommitNumber Scan(IDisk disk, Segment segment, CommitNumber last, CommitNumber? next, Action<LogRecord>? closed = null)
    {
        if (segment.First > last.Next()) throw Refused(segment.Path, $"a segment that begins with commit {segment.First} behind commit {last}", "no gap: a segment is missing");
        last = new CommitNumber(segment.First.Value - 1);
        using var cursor = new SegmentCursor(segment, disk.Open(segment.Path));
        var chain = default(CommitChain);
        while (next is null || last.Next() < next)
        {
            var at = cursor.Offset;
            if (!cursor.TryReadRaw(cursor.File.Length, out var bytes, out var record) || record.Commit != last.Next() || (record.Kind == RecordKind.Close && !chain.Equals(record.Payload.Span)))
            {
                if (next is not null && at == cursor.File.Length) throw Refused(segment.Path, $"nothing behind commit {last}, and the next segment begins with commit {next}", "no gap: a segment is missing");
                if (next is not null) throw Refused(segment.Path, $"damage at byte {at}, in commit {last.Next()}", $"intact commits up to {next.Value.Value - 1}");
                // A commit is only begun when the one before is synced: an intact record of the commit after the next proves that this was no torn tail.
                if (cursor.FindsLaterRecord(last.Next().Next(), out var later))
                    throw Refused(segment.Path, $"damage at byte {at}, in commit {last.Next()}, though an intact record of a later commit stands at byte {later}", "damage only in the tail that was never synced");
                return last;
            }

            if (record.Kind != RecordKind.Close)
            {
                chain.Add(Frame.ChecksumOf(bytes.Span));
                continue;
            }

            closed?.Invoke(record);
            last = record.Commit;
            chain = default;
        }

        return last;
    }

    // The last closing record may be in the page cache alone (killed before its sync): its commit is copied to a new segment, file and folder synced. Nothing counts as durable before that.
    private static Found MoveTail(IDisk disk, string folder, List<Segment> segments, CommitNumber last)
    {
        while (segments.Count > 0 && segments[^1].First > last)
        {
            if (segments.Count == 1) return new Found(segments, last); // no commit at all yet: its head is synced below by the writer's first sync
            disk.Delete(segments[^1].Path);
            segments.RemoveAt(segments.Count - 1);
        }

        var temporary = Segment.PathOf(folder, last) + ".tmp";
        var (copy, file) = Segment.Create(disk, folder, temporary, last);
        using (file)
        using (var cursor = new SegmentCursor(segments[^1], disk.Open(segments[^1].Path)))
        {
            var writer = new SegmentWriter(copy, file);
            cursor.SkipTo(last, cursor.File.Length);
            for (var closed = false; !closed;)
            {
                Check.That(cursor.TryRead(cursor.File.Length, out var record) && record.Commit == last);
                if (record.Kind == RecordKind.Close) writer.Close(record.Commit, record.Header.Span);
                else writer.Append(record.Kind, record.Commit, record.Header.Span, record.Payload.Span);
                closed = record.Kind == RecordKind.Close;
            }

            writer.Flush();
            file.Sync();
        }

        if (segments[^1].First == last) segments.RemoveAt(segments.Count - 1); // replaced by the copy of the same name
        disk.Rename(temporary, copy.Path);
        disk.SyncFolder(folder);
        segments.Add(copy);
        FailPoint.Hit(FailPoints.RecoveryAfterTailCopy);
        return new Found(segments, last);
    }

    /// <summary>The one form of this room's refusals.</summary>
    public static RefusalException Refused(string where, string found, string expected) =>
        new($"the commit log '{where}' is damaged or incomplete", found, expected, "Restore the state directory, or begin anew with an empty one and an empty target.");
}
