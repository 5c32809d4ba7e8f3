using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Finds out, at open, which commits a log holds, and puts its end on safe ground (protocol, section 5).</summary>
internal static class CommitLogRecovery
{
    /// <summary>What recovery found.</summary>
    /// <param name="Segments">The segments that count, in order; empty for a log without any commit.</param>
    /// <param name="Last">The last whole commit; the one before the first segment's first if there is none.</param>
    public sealed record Found(IReadOnlyList<Segment> Segments, CommitNumber Last);

    /// <summary>Reads the log in <paramref name="folder"/>, of which RocksDB holds everything up to <paramref name="folded"/>.</summary>
    /// <exception cref="RefusalException">Damaged before its tail, a segment missing, or not fitting to <paramref name="folded"/>.</exception>
    public static Found Run(IDisk disk, string folder, CommitNumber folded)
    {
        foreach (var name in disk.List(folder).Where(n => n.EndsWith(Segment.TemporaryEnd, StringComparison.Ordinal))) disk.Delete(Path.Combine(folder, name));
        var segments = OpenSegments(disk, folder);
        if (segments.Count == 0)
        {
            if (folded != CommitNumber.None) throw LogRefusal.RocksDbAhead(folder, "an empty log", folded);
            return new Found([], CommitNumber.None);
        }

        if (segments[0].First > folded.Next())
            throw LogRefusal.Missing(folder, $"a log that begins with commit {segments[0].First}", $"commit {folded.Next()}, the first one that RocksDB doesn't hold");
        var last = new CommitNumber(segments[0].First.Value - 1);
        for (var i = 0; i < segments.Count; i++)
        {
            var next = i + 1 < segments.Count ? segments[i + 1].First : (CommitNumber?)null;
            if (next is { } follower && follower <= folded.Next()) last = new CommitNumber(follower.Value - 1); // folded: read again only by a target that lags
            else last = Scan(disk, segments[i], last, next);
        }

        if (folded > last) throw LogRefusal.RocksDbAhead(folder, $"a log that ends with commit {last}", folded);
        return MoveTail(disk, folder, segments, last, isAdopted: folded != CommitNumber.None);
    }

    /// <summary>The segments of a log, oldest first, by their headers.</summary>
    /// <exception cref="RefusalException">A header is damaged, or another segment's.</exception>
    public static List<Segment> OpenSegments(IDisk disk, string folder)
    {
        var segments = new List<Segment>();
        foreach (var name in disk.List(folder))
            if (name.EndsWith(".log", StringComparison.Ordinal)) segments.Add(Segment.Open(disk, folder, name));
        segments.Sort(static (left, right) => left.First.CompareTo(right.First));
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
        if (segment.First > last.Next()) throw LogRefusal.Missing(segment.Path, $"a segment that begins with commit {segment.First} behind commit {last}", $"one with commit {last.Next()}");
        last = new CommitNumber(segment.First.Value - 1);
        using var cursor = new SegmentCursor(segment, disk.Open(segment.Path));
        while (next is null || last.Next() < next)
        {
            var at = cursor.Offset;
            if (!cursor.TryRead(segment.Length, out var record) || record.Commit != last.Next())
            {
                RefuseUnlessTorn(cursor, at, last, next);
                return last;
            }

            if (record.Kind != RecordKind.Close) continue;
            closed?.Invoke(record);
            last = record.Commit;
        }

        return last;
    }

    // Pages reach the disk in any order, so behind a torn place intact records of the same commit, its closing one too, prove nothing. But a commit is only begun when the one before is synced:
    // an intact record of the commit after the torn one proves that it was whole once.
    private static void RefuseUnlessTorn(SegmentCursor cursor, long at, CommitNumber last, CommitNumber? next)
    {
        var path = cursor.Segment.Path;
        if (next is { } follower)
        {
            if (at == cursor.Segment.Length) throw LogRefusal.Missing(path, $"nothing behind commit {last} (byte {at}), and the next segment begins with commit {follower}", $"commit {last.Next()}");
            throw LogRefusal.Damaged(path, $"damage at byte {at}, in commit {last.Next()}", $"intact commits up to {follower.Value - 1}, since a later segment follows");
        }

        if (cursor.FindsRecord(at, last.Next().Next(), cursor.Segment.Length, out var later))
            throw LogRefusal.Damaged(path, $"damage at byte {at}, in commit {last.Next()}, before an intact record of a later commit at byte {later}", "damage only in a tail that was never synced");
    }

    // The last closing record may be in the page cache alone (killed before its sync): its commit is copied to a new segment, file and folder synced. Nothing counts as durable before that.
    // Until the copy has its name the old segment counts, from then on the copy: both hold the same commit, so dying anywhere in between changes nothing.
    private static Found MoveTail(IDisk disk, string folder, List<Segment> segments, CommitNumber last, bool isAdopted)
    {
        if (segments[^1].First > last)
        {
            // Begun for a commit that didn't end. An adopted log keeps it while it is all there is: it says where the log goes on. The next segment takes its name.
            if (segments.Count == 1 && isAdopted) return new Found([], last);
            disk.Delete(segments[^1].Path);
            segments.RemoveAt(segments.Count - 1);
            if (segments.Count == 0) return new Found([], last);
        }

        var (copy, file) = Segment.Create(disk, folder, last);
        using (file)
        {
            using (var cursor = new SegmentCursor(segments[^1], disk.Open(segments[^1].Path))) Copy(cursor, last, new SegmentWriter(copy, file, new byte[SegmentWriter.BufferBytes]));
            copy.Publish(disk, file);
        }

        disk.SyncFolder(folder);
        if (segments[^1].First == last) segments.RemoveAt(segments.Count - 1); // the copy took its name
        segments.Add(copy);
        FailPoint.Hit(FailPoints.RecoveryAfterTailCopy);
        return new Found(segments, last);
    }

    private static void Copy(SegmentCursor from, CommitNumber commit, SegmentWriter to)
    {
        from.SkipTo(commit, from.Segment.Length);
        while (true)
        {
            Check.That(from.TryRead(from.Segment.Length, out var record) && record.Commit == commit);
            if (record.Kind != RecordKind.Close)
            {
                to.Append(record.Kind, commit, record.Header.Span, record.Payload.Span);
                continue;
            }

            to.Close(commit, record.Header.Span);
            return;
        }
    }
}
