using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Reads the durable records of a commit log in order. Used by one thread.</summary>
public sealed class CommitReader : IDisposable
{
    private readonly CommitLog _log;
    private readonly IDisk _disk;
    private SegmentCursor? _cursor;
    private CommitLog.Place _place;
    private CommitNumber _commit; // the one whose record comes next

    internal CommitReader(CommitLog log, IDisk disk, CommitNumber from) => (_log, _disk, _commit) = (log, disk, from);

    /// <summary>Gives the next record; false when it has caught up with what is durable. Call it again later.</summary>
    /// <exception cref="RefusalException">A record that was durable is damaged or gone.</exception>
    public bool TryRead(out LogRecord record)
    {
        record = default;
        if ((_cursor is null || _commit > _place.Last) && !Advance()) return false;
        var at = _cursor!.Offset;
        if (!_cursor.TryRead(_place.Limit, out record) || record.Commit != _commit)
            throw LogRefusal.Damaged(_place.Segment.Path, $"damage at byte {at}, in commit {_commit}", "the record that was written and synced there");
        if (record.Kind == RecordKind.Close) _commit = _commit.Next();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor?.Dispose();

    private bool Advance()
    {
        if (!_log.TryLocate(_commit, out _place)) return false;
        if (_cursor?.Segment == _place.Segment) return true;
        _cursor?.Dispose();
        _cursor = null;
        try
        {
            _cursor = new SegmentCursor(_place.Segment, _disk.Open(_place.Segment.Path));
        }
        catch (FileNotFoundException)
        {
            throw LogRefusal.Missing(_place.Segment.Path, "no such file", $"the segment with commit {_commit}");
        }

        _cursor.SkipTo(_commit, _place.Limit);
        return true;
    }
}
