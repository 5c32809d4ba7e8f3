using System.Buffers;
using System.IO.Hashing;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Goes through the records of one segment, from front to back, checksums verified.</summary>
internal sealed class SegmentCursor(Segment segment, IDiskFile file) : IDisposable
{
    private const int ReadAhead = 256 << 10;
    private readonly XxHash3 _hash = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadAhead);
    private int _begin, _end; // of what is buffered
    private long _offset = Segment.HeaderSize; // in the file, of what comes next

    /// <summary>The segment.</summary>
    public Segment Segment => segment;

    /// <summary>Where the next record begins.</summary>
    public long Offset => _offset;

    /// <summary>The file.</summary>
    public IDiskFile File => file;

    /// <summary>Reads the next record if a whole and intact one stands before <paramref name="limit"/>.</summary>
    public bool TryRead(long limit, out LogRecord record) => TryReadRaw(limit, out _, out record);

    /// <summary>As <see cref="TryRead"/>, with the record's own bytes.</summary>
    public bool TryReadRaw(long limit, out ReadOnlyMemory<byte> bytes, out LogRecord record)
    {
        (bytes, record) = (default, default);
        if (!Buffer(Frame.Size, limit) || !Frame.TryRead(_buffer.AsSpan(_begin, Frame.Size), out var frame) || !Buffer(frame.Length, limit)) return false;
        bytes = _buffer.AsMemory(_begin, frame.Length);
        if (!Frame.IsIntact(bytes.Span, segment.Id, _hash)) return false;
        record = new LogRecord(frame.Kind, frame.Commit, bytes.Slice(Frame.Size, frame.HeaderLength), bytes[(Frame.Size + frame.HeaderLength)..]);
        _begin += frame.Length;
        _offset += frame.Length;
        return true;
    }

    /// <summary>Goes past the records before <paramref name="commit"/> by their frames alone.</summary>
    public void SkipTo(CommitNumber commit, long limit)
    {
        while (Buffer(Frame.Size, limit) && Frame.TryRead(_buffer.AsSpan(_begin, Frame.Size), out var frame) && frame.Commit < commit) Jump(_offset + frame.Length);
    }

    /// <summary>Looks, byte by byte, behind a place that isn't intact, for an intact record of <paramref name="least"/> or a later commit.</summary>
    public bool FindsLaterRecord(CommitNumber least, out long at)
    {
        for (at = _offset + 1; at < file.Length; at++)
        {
            Jump(at);
            if (!Buffer(Frame.Size, file.Length)) return false;
            if (!Frame.TryRead(_buffer.AsSpan(_begin, Frame.Size), out var frame) || frame.Commit < least || frame.Commit.Value > least.Value + (1UL << 32)) continue;
            if (Buffer(frame.Length, file.Length) && Frame.IsIntact(_buffer.AsSpan(_begin, frame.Length), segment.Id, _hash)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        file.Dispose();
    }

    private void Jump(long offset)
    {
        var inBuffer = _begin + (offset - _offset);
        if (inBuffer >= 0 && inBuffer <= _end) _begin = (int)inBuffer;
        else (_begin, _end) = (0, 0);
        _offset = offset;
    }

    // Sees to it that the buffer holds `count` bytes from the current place on.
    private bool Buffer(int count, long limit)
    {
        if (_offset + count > limit) return false;
        if (_end - _begin >= count) return true;
        if (_buffer.Length < count) Grow(count);
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        var want = (int)Math.Min(_buffer.Length - _end, limit - _offset - _end);
        _end += file.Read(_offset + _end, _buffer.AsSpan(_end, want));
        return _end >= count;
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(count);
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(larger);
        (_begin, _end) = (0, _end - _begin);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
