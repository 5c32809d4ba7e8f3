using System.IO.Hashing;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Appends records to one segment, through a buffer.</summary>
/// <remarks>Where a write fails nothing has happened as far as a reader can tell: the same record can be appended again.</remarks>
internal sealed class SegmentWriter(Segment segment, IDiskFile file)
{
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly XxHash3 _hash = new();
    private int _buffered;
    private long _written = Segment.HeaderSize;
    private CommitChain _chain;

    /// <summary>The segment.</summary>
    public Segment Segment => segment;

    /// <summary>Its length, with what is buffered.</summary>
    public long Length => _written + _buffered;

    /// <summary>Appends a record of an open commit.</summary>
    public void Append(RecordKind kind, CommitNumber commit, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => _chain.Add(Write(kind, commit, header, payload));

    /// <summary>Appends the closing record.</summary>
    public void Close(CommitNumber commit, ReadOnlySpan<byte> header)
    {
        Span<byte> payload = stackalloc byte[CommitChain.Size];
        _chain.Write(payload);
        Write(RecordKind.Close, commit, header, payload);
        _chain = default;
    }

    /// <summary>Hands what is buffered to the operating system.</summary>
    public void Flush()
    {
        if (_buffered == 0) return;
        file.Write(_written, _buffer.AsSpan(0, _buffered));
        _written += _buffered;
        _buffered = 0;
    }

    /// <summary>Syncs the file.</summary>
    public void Sync() => file.Sync();

    private ulong Write(RecordKind kind, CommitNumber commit, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var frame = new Frame(kind, commit, header.Length, payload.Length);
        Check.That(header.Length + payload.Length <= Frame.LengthMax);
        if (_buffered + frame.Length > _buffer.Length) Flush();
        Span<byte> head = stackalloc byte[Frame.Size];
        frame.Write(head, segment.Id, header, payload, _hash);
        if (frame.Length <= _buffer.Length)
        {
            var target = _buffer.AsSpan(_buffered);
            head.CopyTo(target);
            header.CopyTo(target[Frame.Size..]);
            payload.CopyTo(target[(Frame.Size + header.Length)..]);
            _buffered += frame.Length;
        }
        else
        {
            file.Write(_written, head);
            file.Write(_written + Frame.Size, header);
            file.Write(_written + Frame.Size + header.Length, payload);
            _written += frame.Length;
        }

        return Frame.ChecksumOf(head);
    }
}
