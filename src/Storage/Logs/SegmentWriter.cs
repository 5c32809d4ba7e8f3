using Pathway.Core;

namespace Pathway.Storage;

/// <summary>How much of the open commit was appended: where <see cref="CommitLog.Rewind"/> goes back to.</summary>
public readonly struct LogMark
{
    internal LogMark(long bytes, CommitChain chain) => (Bytes, Chain) = (bytes, chain);

    /// <summary>Bytes of the open commit.</summary>
    public long Bytes { get; }

    internal CommitChain Chain { get; }
}

/// <summary>Appends records to one segment, through a buffer.</summary>
/// <remarks>Where a write fails nothing has happened as far as a reader can tell: the same record can be appended again, at the same place.</remarks>
internal sealed class SegmentWriter(Segment segment, IDiskFile file, byte[] buffer)
{
    /// <summary>Bytes of the buffer: what a write hands to the operating system at a time. Larger records go past it.</summary>
    public const int BufferBytes = 256 << 10;

    private int _buffered;
    private long _written = Segment.HeaderSize;
    private long _closed = Segment.HeaderSize; // where the open commit begins
    private CommitChain _chain;

    /// <summary>The segment.</summary>
    public Segment Segment => segment;

    /// <summary>Its length, with what is buffered.</summary>
    public long Length => _written + _buffered;

    /// <summary>How far the open commit is.</summary>
    public LogMark Mark => new(Length - _closed, _chain);

    /// <summary>Appends a record of the open commit.</summary>
    public void Append(RecordKind kind, CommitNumber commit, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => _chain.Add(Write(kind, commit, header, payload));

    /// <summary>Appends the closing record and hands everything to the operating system. Where that fails the commit is still open, and can be closed again.</summary>
    public void Close(CommitNumber commit, ReadOnlySpan<byte> header)
    {
        var before = Length;
        try
        {
            Span<byte> payload = stackalloc byte[CommitChain.Size];
            _chain.Write(payload);
            Write(RecordKind.Close, commit, header, payload);
            Flush();
        }
        catch
        {
            _buffered = (int)(before - _written); // the closing record is in the buffer at most, or failed to be written
            throw;
        }

        (_chain, _closed) = (default, _written);
        segment.Length = _written;
    }

    /// <summary>Drops what was appended to the open commit behind <paramref name="mark"/>.</summary>
    public void Rewind(LogMark mark)
    {
        var length = _closed + mark.Bytes;
        if (file.Length > length) file.Truncate(length);
        _buffered = (int)Math.Max(0, length - _written);
        _written = Math.Min(_written, length);
        _chain = mark.Chain;
    }

    /// <summary>Syncs the file.</summary>
    public void Sync() => file.Sync();

    private void Flush()
    {
        if (_buffered == 0) return;
        file.Write(_written, buffer.AsSpan(0, _buffered));
        _written += _buffered;
        _buffered = 0;
    }

    private ulong Write(RecordKind kind, CommitNumber commit, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        if ((long)header.Length + payload.Length > Frame.LengthMax)
            throw new BadDataException($"A record of {(long)header.Length + payload.Length} bytes can't be held: the commit log takes {Frame.LengthMax >> 20} MB at most in one. A row, key or value has to be smaller.");
        var frame = new Frame(kind, commit, header.Length, payload.Length);
        if (_buffered + frame.Length > buffer.Length) Flush();
        if (frame.Length > buffer.Length) return WriteThrough(frame, header, payload);
        var target = buffer.AsSpan(_buffered, frame.Length);
        header.CopyTo(target[Frame.Size..]);
        payload.CopyTo(target[(Frame.Size + header.Length)..]);
        _buffered += frame.Length;
        return frame.Seal(target, segment.Id);
    }

    private ulong WriteThrough(Frame frame, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[Frame.Size];
        var checksum = frame.Seal(head, segment.Id, header, payload);
        file.Write(_written, head);
        file.Write(_written + Frame.Size, header);
        file.Write(_written + Frame.Size + header.Length, payload);
        _written += frame.Length;
        return checksum;
    }
}
