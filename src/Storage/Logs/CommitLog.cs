using Pathway.Core;

namespace Pathway.Storage;

/// <summary>The durable history of a pipeline: commits, each a group of records ended by a closing record, synced once. What has no closing record doesn't exist (invariant I1).</summary>
/// <remarks>
/// One thread writes (<see cref="Append"/>, <see cref="Close"/>, <see cref="Sync"/>); any thread reads what is durable (<see cref="Read"/>). The writer begins a commit only when the one before is synced;
/// recovery relies on that to tell a torn tail from damage.
/// </remarks>
public sealed class CommitLog : IDisposable
{
    private const long BytesBetweenLooksAtTheDisk = 4 << 20;
    private readonly IDisk _disk;
    private readonly string _folder;
    private readonly CommitLogOptions _options;
    private readonly object _guard = new(); // of _segments
    private readonly List<Segment> _segments;
    private readonly Dictionary<Segment, long> _lengths = []; // of the segments that are no longer written; guarded as _segments
    private volatile DurablePoint _durable;
    private CommitNumber _closed;
    private SegmentWriter? _writer;
    private IDiskFile? _file;
    private bool _isNewFile, _poisoned;
    private bool _atBoundary = true; // no record of the open commit yet: a new segment may begin
    private long _bytesToNextLook;

    private CommitLog(IDisk disk, string folder, CommitLogOptions options, IReadOnlyList<Segment> segments, CommitNumber last)
    {
        (_disk, _folder, _options, _segments, _closed) = (disk, folder, options, [.. segments], last);
        _durable = new DurablePoint(last, null, 0);
    }

    /// <summary>The oldest commit that is still here; <see cref="CommitNumber.None"/> when there is none.</summary>
    public CommitNumber First
    {
        get
        {
            lock (_guard) return _segments.Count == 0 || _segments[0].First > Durable ? CommitNumber.None : _segments[0].First;
        }
    }

    /// <summary>The newest commit that is closed and synced.</summary>
    public CommitNumber Durable => _durable.Commit;

    /// <summary>Bytes of all segments.</summary>
    public long Bytes
    {
        get
        {
            lock (_guard)
            {
                long bytes = 0;
                foreach (var segment in _segments) bytes += LengthOf(segment);
                return bytes;
            }
        }
    }

    /// <summary>The segments, oldest first.</summary>
    public IReadOnlyList<LogSegment> Segments
    {
        get
        {
            lock (_guard) return [.. _segments.Select(s => new LogSegment(s.Name, s.First, LengthOf(s)))];
        }
    }

    /// <summary>Opens the log in <paramref name="folder"/>, or makes it. RocksDB holds everything up to <paramref name="folded"/>.</summary>
    /// <exception cref="RefusalException">Damaged before its tail, a segment missing, or not fitting to <paramref name="folded"/>.</exception>
    public static CommitLog Open(IDisk disk, string folder, CommitNumber folded, CommitLogOptions options)
    {
        disk.MakeFolder(folder);
        var found = CommitLogRecovery.Run(disk, folder, folded);
        return new CommitLog(disk, folder, options, found.Segments, found.Last);
    }

    /// <summary>Makes a log whose first commit follows <paramref name="after"/>: for a state directory that takes the place of a lost one.</summary>
    public static CommitLog Create(IDisk disk, string folder, CommitNumber after, CommitLogOptions options)
    {
        disk.MakeFolder(folder);
        Check.That(disk.List(folder).Count == 0);
        return new CommitLog(disk, folder, options, [], after);
    }

    /// <summary>Appends a record of the open commit. A record may have 16 MB.</summary>
    /// <exception cref="DiskFullException">There is no room; nothing was appended, and the same record can be appended again.</exception>
    public void Append(RecordKind kind, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Check.That(kind != RecordKind.Close);
        try
        {
            Writer(header.Length + payload.Length).Append(kind, _closed.Next(), header, payload);
        }
        catch (IOException e) when (IsDiskFull(e))
        {
            throw new DiskFullException($"There is no room under '{_folder}'.", e) { IsTransient = true };
        }
    }

    /// <summary>Ends the open commit, which has to be number <paramref name="number"/>, and hands it to the operating system. Durable only after <see cref="Sync"/>.</summary>
    public void Close(CommitNumber number, ReadOnlySpan<byte> header)
    {
        Check.That(number == _closed.Next());
        var writer = Writer(header.Length);
        try
        {
            writer.Close(number, header);
            writer.Flush();
        }
        catch (IOException e) when (IsDiskFull(e))
        {
            // The closing record is in the buffer or not written at all; flushing again writes it at the same place.
            throw Poisoned(e);
        }

        (_closed, _atBoundary) = (number, true);
    }

    /// <summary>Syncs what was closed; then it is durable. A sync that fails is never tried again: the page cache may have dropped the data.</summary>
    public void Sync()
    {
        Check.That(_writer is not null && !_poisoned);
        try
        {
            _writer.Sync();
            if (_isNewFile) _disk.SyncFolder(_folder);
        }
        catch (IOException e)
        {
            throw Poisoned(e);
        }

        _isNewFile = false;
        _durable = new DurablePoint(_closed, _writer.Segment, _writer.Length);
    }

    /// <summary>Reads the durable commits from <paramref name="from"/> on; goes on as more become durable.</summary>
    public CommitReader Read(CommitNumber from) => new(this, _disk, from);

    /// <summary>Deletes the segments that hold nothing but commits before <paramref name="commit"/>.</summary>
    public void DeleteBefore(CommitNumber commit)
    {
        var gone = new List<Segment>();
        lock (_guard)
        {
            while (_segments.Count > 1 && _segments[1].First <= commit && _segments[1].First <= Durable)
            {
                gone.Add(_segments[0]);
                _segments.RemoveAt(0);
            }
        }

        if (gone.Count == 0) return;
        FailPoint.Hit(FailPoints.LogBeforeDelete);
        foreach (var segment in gone) _disk.Delete(segment.Path);
        _disk.SyncFolder(_folder);
    }

    /// <summary>Reads every durable record.</summary>
    /// <exception cref="RefusalException">One is damaged.</exception>
    public void Verify()
    {
        if (First == CommitNumber.None) return;
        using var reader = Read(First);
        while (reader.TryRead(out _))
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>The segment that holds <paramref name="commit"/>, and up to where it counts: a byte, and the first commit of the segment behind it.</summary>
    internal (Segment Segment, long Limit, CommitNumber? Next)? Locate(CommitNumber commit)
    {
        var durable = _durable;
        if (commit > durable.Commit) return null;
        lock (_guard)
        {
            var i = _segments.FindLastIndex(s => s.First <= commit);
            if (i < 0) throw CommitLogRecovery.Refused(_folder, $"no segment with commit {commit}", $"one; the oldest is {First}");
            var next = i + 1 < _segments.Count && _segments[i + 1].First <= durable.Commit ? _segments[i + 1].First : (CommitNumber?)null;
            return (_segments[i], _segments[i] == durable.Segment ? durable.Length : long.MaxValue, next);
        }
    }

    private SegmentWriter Writer(int bytes)
    {
        Check.That(!_poisoned && _closed == Durable);
        if ((_bytesToNextLook -= bytes + Frame.Size) < 0)
        {
            if (_disk.FreeBytes(_folder) < _options.ReserveBytes) throw new DiskFullException($"Less than {_options.ReserveBytes >> 20} MB are free under '{_folder}'.") { IsTransient = true };
            _bytesToNextLook = BytesBetweenLooksAtTheDisk;
        }

        if (_writer is not null && (_writer.Length < _options.SegmentBytes || !_atBoundary)) return Opened(_writer);
        _file?.Dispose();
        _writer = null;
        var first = _closed.Next();
        (var segment, _file) = Segment.Create(_disk, _folder, Segment.PathOf(_folder, first), first);
        lock (_guard) _segments.Add(segment);
        _isNewFile = true;
        return Opened(_writer = new SegmentWriter(segment, _file));
    }

    private SegmentWriter Opened(SegmentWriter writer)
    {
        _atBoundary = false;
        return writer;
    }

    private long LengthOf(Segment segment)
    {
        if (_writer is { } writer && writer.Segment == segment) return writer.Length;
        if (_lengths.TryGetValue(segment, out var length)) return length;
        using var file = _disk.Open(segment.Path);
        return _lengths[segment] = file.Length;
    }

    private ConnectorException Poisoned(IOException e)
    {
        _poisoned = true;
        return new ConnectorException($"The commit log in '{_folder}' can't be synced ({e.Message}); whether the last commit is on disk is unknown. The process stops; the next start finds out.", e);
    }

    private static bool IsDiskFull(IOException e) => e.HResult is 28 or unchecked((int)0x80070070);

    private sealed record DurablePoint(CommitNumber Commit, Segment? Segment, long Length);
}
