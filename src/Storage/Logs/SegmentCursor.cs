using System.Buffers;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Goes through the records of one segment, from front to back, checksums verified.</summary>
internal sealed class SegmentCursor(Segment segment, IDiskFile file) : IDisposable
{
    private const int ReadAhead = 256 << 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadAhead);
    private int _begin, _end; // of what is buffered
    private long _offset = Segment.HeaderSize; // in the file, of what comes next
    private CommitChain _chain; // of the records read of the commit that isn't closed yet

    /// <summary>The segment.</summary>
    public Segment Segment => segment;

    /// <summary>Where the next record begins.</summary>
    public long Offset => _offset;

    /// <summary>Reads the next record if a whole and intact one stands before <paramref name="limit"/>. A closing record that doesn't fit to the records before it counts as damaged.</summary>
    public bool TryRead(long limit, out LogRecord record)
    {
        record = default;
        if (!TryReadFrame(limit, out var frame)) return false;
        var bytes = _buffer.AsMemory(_begin, frame.Length);
        var payload = bytes[(Frame.Size + frame.HeaderLength)..];
        if (frame.Kind != RecordKind.Close) _chain.Add(Frame.ChecksumOf(bytes.Span));
        else if (_chain.Equals(payload.Span)) _chain = default;
        else return false;
        record = new LogRecord(frame.Kind, frame.Commit, bytes.Slice(Frame.Size, frame.HeaderLength), payload);
        _begin += frame.Length;
        _offset += frame.Length;
        return true;
    }

    /// <summary>Goes past the records before <paramref name="commit"/> by their frames alone.</summary>
    public void SkipTo(CommitNumber commit, long limit)
    {
        while (Buffer(Frame.Size, limit) && Frame.TryRead(_buffer.AsSpan(_begin, Frame.Size), segment.Id, out var frame) && frame.Commit < commit) Jump(_offset + frame.Length);
    }

    /// <summary>Looks from <paramref name="from"/> on, byte by byte where nothing is intact, for an intact record of <paramref name="least"/> or a later commit.</summary>
    public bool FindsRecord(long from, CommitNumber least, long limit, out long at)
    {
        for (at = from; at + Frame.Size <= limit; at++)
        {
            Jump(at);
            if (!TryReadFrame(limit, out var frame)) continue;
            if (frame.Commit >= least) return true;
            at += frame.Length - 1;
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

    private bool TryReadFrame(long limit, out Frame frame)
    {
        frame = default;
        return Buffer(Frame.Size, limit) && Frame.TryRead(_buffer.AsSpan(_begin, Frame.Size), segment.Id, out frame)
            && Buffer(frame.Length, limit) && Frame.IsIntact(_buffer.AsSpan(_begin, frame.Length), segment.Id);
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
        if (want > 0) _end += file.Read(_offset + _end, _buffer.AsSpan(_end, want));
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
