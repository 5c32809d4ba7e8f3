using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Reads the durable records of a commit log in order. Used by one thread.</summary>
public sealed class CommitReader : IDisposable
{
    private readonly CommitLog _log;
    private readonly IDisk _disk;
    private SegmentCursor? _cursor;
    private CommitNumber _commit; // the one whose record comes next

    internal CommitReader(CommitLog log, IDisk disk, CommitNumber from) => (_log, _disk, _commit) = (log, disk, from);

    /// <summary>Gives the next record; false when it has caught up with what is durable. Call it again later.</summary>
    /// <exception cref="RefusalException">A record that was durable is damaged or gone.</exception>
    public bool TryRead(out LogRecord record)
    {
        record = default;
        if (_log.Locate(_commit) is not { } place) return false;
        if (_cursor is null || _cursor.Segment != place.Segment)
        {
            _cursor?.Dispose();
            _cursor = new SegmentCursor(place.Segment, _disk.Open(place.Segment.Path));
            _cursor.SkipTo(_commit, Limit(place.Limit));
        }

        if (!_cursor.TryRead(Limit(place.Limit), out record) || record.Commit != _commit)
            throw CommitLogRecovery.Refused(place.Segment.Path, $"damage at byte {_cursor.Offset}, in commit {_commit}", "the record that was written there");
        if (record.Kind == RecordKind.Close) _commit = _commit.Next();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor?.Dispose();

    private long Limit(long limit) => limit == long.MaxValue ? _cursor!.File.Length : limit;
}
