using Pathway.Core;

namespace Pathway.Storage;

/// <summary>The durable history of a pipeline: commits, each a group of records ended by a closing record, synced once. What has no closing record doesn't exist (invariant I1).</summary>
/// <remarks>
/// One thread writes (<see cref="Append"/>, <see cref="Close"/>, <see cref="Sync"/>, <see cref="Rewind"/>, <see cref="Abandon"/>); any thread reads what is durable (<see cref="Read"/>) and deletes what is
/// no longer needed (<see cref="DeleteBefore"/>, one at a time). The writer begins a commit only when the one before is synced; recovery relies on that to tell a torn tail from damage.
/// </remarks>
public sealed class CommitLog : IDisposable
{
    private readonly IDisk _disk;
    private readonly string _folder;
    private readonly CommitLogOptions _options;
    private readonly object _guard = new(); // of _segments
    private readonly List<Segment> _segments;
    private readonly byte[] _buffer = new byte[SegmentWriter.BufferBytes];
    private volatile DurablePoint _durable;
    private CommitNumber _closed;
    private SegmentWriter? _writer;
    private IDiskFile? _file;
    private bool _isNewName; // the folder doesn't hold the segment's name durably yet
    private bool _isBetweenCommits = true; // no record of the open commit yet: a new segment may begin
    private bool _poisoned;
    private long _bytesToNextLook, _bytesTaken;

    private CommitLog(IDisk disk, string folder, CommitLogOptions options, IReadOnlyList<Segment> segments, CommitNumber last)
    {
        (_disk, _folder, _options, _segments, _closed) = (disk, folder, options, [.. segments], last);
        _durable = new DurablePoint(last, null, 0);
        _bytesTaken = Bytes;
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

    /// <summary>Bytes of all segments, without the open commit.</summary>
    public long Bytes
    {
        get
        {
            lock (_guard)
            {
                long bytes = 0;
                foreach (var segment in _segments) bytes += segment.Length;
                return bytes;
            }
        }
    }

    /// <summary>Bytes that the log has taken in: those of all segments when it was opened, and every closed commit since. Only grows.</summary>
    public long BytesTaken => Volatile.Read(ref _bytesTaken);

    /// <summary>The segments that hold durable commits, oldest first.</summary>
    public IReadOnlyList<LogSegment> Segments
    {
        get
        {
            var durable = Durable;
            lock (_guard) return LogSegment.Describe(_segments, durable);
        }
    }

    /// <summary>Opens the log in <paramref name="folder"/>, or makes it. RocksDB holds everything up to <paramref name="folded"/>; what lies behind it is read and verified.</summary>
    /// <exception cref="RefusalException">Damaged before its tail, a segment missing, or not fitting to <paramref name="folded"/>.</exception>
    /// <exception cref="DiskFullException">No room for the copy of the last commit.</exception>
    public static CommitLog Open(IDisk disk, string folder, CommitNumber folded, CommitLogOptions options)
    {
        try
        {
            disk.MakeFolder(folder);
            var found = CommitLogRecovery.Run(disk, folder, folded);
            return new CommitLog(disk, folder, options, found.Segments, found.Last);
        }
        catch (IOException e)
        {
            if (DiskFullException.Is(e)) throw new DiskFullException($"There is no room under '{folder}' to put the log's last commit on safe ground. Make room and start again.", e) { IsTransient = true };
            throw new ConnectorException($"The commit log in '{folder}' can't be opened: {e.Message}", e);
        }
    }

    /// <summary>Makes a log whose first commit follows <paramref name="after"/>: for a state directory that takes the place of a lost one.</summary>
    public static CommitLog Create(IDisk disk, string folder, CommitNumber after, CommitLogOptions options)
    {
        disk.MakeFolder(folder);
        Check.That(disk.List(folder).Count == 0);
        return new CommitLog(disk, folder, options, [], after);
    }

    /// <summary>Appends a record of the open commit. Header and payload may have 16 MB together.</summary>
    /// <exception cref="DiskFullException">There is no room; nothing was appended. The same record can be appended again, or the commit rewound.</exception>
    /// <exception cref="BadDataException">The record is too large; nothing was appended.</exception>
    /// <exception cref="ConnectorException">The disk failed; the log takes nothing any more.</exception>
    public void Append(RecordKind kind, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Check.That(kind != RecordKind.Close);
        try
        {
            WriterFor(header.Length + payload.Length).Append(kind, _closed.Next(), header, payload);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Ends the open commit, which has to be number <paramref name="number"/>, and hands it to the operating system. Durable only after <see cref="Sync"/>.</summary>
    /// <exception cref="DiskFullException">There is no room; the commit is still open. It can be closed again, rewound or abandoned.</exception>
    /// <exception cref="ConnectorException">The disk failed; the log takes nothing any more.</exception>
    public void Close(CommitNumber number, ReadOnlySpan<byte> header)
    {
        Check.That(number == _closed.Next());
        try
        {
            var writer = WriterFor(header.Length);
            var before = writer.Segment.Length;
            writer.Close(number, header);
            Volatile.Write(ref _bytesTaken, _bytesTaken + writer.Segment.Length - before);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }

        (_closed, _isBetweenCommits) = (number, true);
    }

    /// <summary>Syncs what was closed; then it is durable. A sync that fails is never tried again: the page cache may have dropped the data.</summary>
    /// <exception cref="ConnectorException">The sync failed; the log takes nothing any more.</exception>
    public void Sync()
    {
        Check.That(!_poisoned && _writer is not null && _closed == Durable.Next());
        try
        {
            _writer.Sync();
            if (_isNewName) _disk.SyncFolder(_folder);
        }
        catch (IOException e)
        {
            throw Poisoned(e);
        }

        _isNewName = false;
        _durable = new DurablePoint(_closed, _writer.Segment, _writer.Length);
    }

    /// <summary>Where the open commit stands, to go back to with <see cref="Rewind"/>.</summary>
    public LogMark Mark() => _isBetweenCommits || _writer is null ? default : _writer.Mark;

    /// <summary>Drops the records of the open commit behind <paramref name="mark"/>, which was taken in the same commit.</summary>
    /// <exception cref="ConnectorException">The disk failed; the log takes nothing any more.</exception>
    public void Rewind(LogMark mark)
    {
        Check.That(!_poisoned && _closed == Durable);
        if (_isBetweenCommits || _writer is null) return;
        try
        {
            _writer.Rewind(mark);
        }
        catch (IOException e)
        {
            throw Poisoned(e);
        }
    }

    /// <summary>Drops the open commit.</summary>
    /// <exception cref="ConnectorException">The disk failed; the log takes nothing any more.</exception>
    public void Abandon()
    {
        Rewind(default);
        _isBetweenCommits = true;
    }

    /// <summary>Reads the durable commits from <paramref name="from"/> on; goes on as more become durable.</summary>
    public CommitReader Read(CommitNumber from) => new(this, _disk, from);

    /// <summary>Deletes the segments that hold nothing but commits before <paramref name="commit"/>; never the newest one.</summary>
    public void DeleteBefore(CommitNumber commit)
    {
        while (TakeOldest(commit) is { } segment)
        {
            FailPoint.Hit(FailPoints.LogBeforeDelete);
            _disk.Delete(segment.Path);
            // One by one, oldest first: so what is left after a power loss is always an end of the log, without a gap.
            _disk.SyncFolder(_folder);
        }
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

    /// <summary>Where <paramref name="commit"/> is; false if it isn't durable yet.</summary>
    /// <exception cref="RefusalException">It is no longer here.</exception>
    internal bool TryLocate(CommitNumber commit, out Place place)
    {
        place = default;
        var durable = _durable;
        if (commit > durable.Commit) return false;
        lock (_guard)
        {
            var last = durable.Commit;
            for (var i = _segments.Count - 1; i >= 0; i--)
            {
                var segment = _segments[i];
                if (segment.First <= commit)
                {
                    place = new Place(segment, segment == durable.Segment ? durable.Length : segment.Length, last);
                    return true;
                }

                if (segment.First <= last) last = new CommitNumber(segment.First.Value - 1);
            }

            throw LogRefusal.Missing(_folder, _segments.Count == 0 ? "no segment" : $"commits from {_segments[0].First} on", $"commit {commit}, which is still needed");
        }
    }

    private Segment? TakeOldest(CommitNumber commit)
    {
        var durable = Durable;
        lock (_guard)
        {
            if (_segments.Count < 2 || _segments[1].First > commit || _segments[1].First > durable) return null;
            var oldest = _segments[0];
            _segments.RemoveAt(0);
            return oldest;
        }
    }

    private SegmentWriter WriterFor(int bytes)
    {
        Check.That(!_poisoned && _closed == Durable);
        LookAtTheDisk(bytes);
        if (_writer is null || (_isBetweenCommits && _writer.Length >= _options.SegmentBytes)) BeginSegment();
        _isBetweenCommits = false;
        return _writer!;
    }

    private void LookAtTheDisk(int bytes)
    {
        if ((_bytesToNextLook -= bytes + Frame.Size) >= 0) return;
        var free = _disk.FreeBytes(_folder);
        if (free < _options.ReserveBytes)
            throw new DiskFullException($"{free >> 20} MB are free under '{_folder}', less than the {_options.ReserveBytes >> 20} MB that are kept for a checkpoint.") { IsTransient = true };
        _bytesToNextLook = _options.BytesBetweenLooksAtTheDisk;
    }

    private void BeginSegment()
    {
        var (segment, file) = Segment.Create(_disk, _folder, _closed.Next());
        try
        {
            segment.Publish(_disk, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file?.Dispose();
        (_file, _writer, _isNewName) = (file, new SegmentWriter(segment, file, _buffer), true);
        lock (_guard) _segments.Add(segment);
    }

    private ConnectorException Failed(IOException e) =>
        DiskFullException.Is(e) ? new DiskFullException($"There is no room under '{_folder}'.", e) { IsTransient = true } : Poisoned(e);

    private ConnectorException Poisoned(IOException e)
    {
        _poisoned = true;
        return new ConnectorException($"The commit log in '{_folder}' can't be written ({e.Message}); whether the last commit is on disk is unknown. The process stops; the next start finds out.", e);
    }

    /// <summary>Where a commit is: its segment, how far that counts, and the last durable commit in it.</summary>
    internal readonly record struct Place(Segment Segment, long Limit, CommitNumber Last);

    private sealed record DurablePoint(CommitNumber Commit, Segment? Segment, long Length);
}
