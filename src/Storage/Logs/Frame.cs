using System.Buffers.Binary;
using System.IO.Hashing;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>How records stand in a segment.</summary>
/// <remarks>
/// Little endian: u32 length of header and payload, u32 length of the header, u64 commit, u8 kind, 7 zero bytes, u64 checksum; then header and payload. The checksum is XxHash3 over everything else, seeded
/// with the segment's random id, so that the bytes of another segment never pass.
/// </remarks>
internal readonly record struct Frame(RecordKind Kind, CommitNumber Commit, int HeaderLength, int PayloadLength)
{
    /// <summary>Bytes before header and payload.</summary>
    public const int Size = 32;

    /// <summary>The largest record.</summary>
    public const int LengthMax = 16 << 20;

    /// <summary>Bytes of the whole record.</summary>
    public int Length => Size + HeaderLength + PayloadLength;

    /// <summary>Writes the frame's own bytes.</summary>
    public void Write(Span<byte> target, ulong segment, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, XxHash3 hash)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(target, HeaderLength + PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], HeaderLength);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Commit.Value);
        target[16] = (byte)Kind;
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], Checksum(target, segment, header, payload, hash));
    }

    /// <summary>Reads a frame's own bytes; false if they can't be one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < Size) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var header = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (length is < 0 or > LengthMax || header < 0 || header > length || bytes[16] is < (byte)RecordKind.State or > (byte)RecordKind.Close) return false;
        frame = new Frame((RecordKind)bytes[16], new CommitNumber(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])), header, length - header);
        return true;
    }

    /// <summary>Whether a whole record's bytes are what was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record, ulong segment, XxHash3 hash) =>
        BinaryPrimitives.ReadUInt64LittleEndian(record[24..]) == Checksum(record, segment, record[Size..], default, hash);

    /// <summary>The checksum that a record carries.</summary>
    public static ulong ChecksumOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64LittleEndian(record[24..]);

    private static ulong Checksum(ReadOnlySpan<byte> frame, ulong segment, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, XxHash3 hash)
    {
        Span<byte> seed = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, segment);
        hash.Append(seed);
        hash.Append(frame[..24]);
        hash.Append(header);
        hash.Append(payload);
        var value = hash.GetCurrentHashAsUInt64();
        hash.Reset();
        return value;
    }
}
