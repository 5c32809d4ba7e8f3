using System.Buffers.Binary;
using System.IO.Hashing;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>How records stand in a segment.</summary>
/// <remarks>
/// Little endian: u64 checksum of everything behind it, u32 length of header and payload, u32 length of the header, u64 commit, u8 kind, 3 zero bytes, u32 check of these last 20 bytes alone; then header
/// and payload. Both sums are XxHash3 seeded with the segment's random id, so that the bytes of another segment never pass. The small check lets recovery look for records at every byte of a torn tail without
/// hashing megabytes at each.
/// </remarks>
internal readonly record struct Frame(RecordKind Kind, CommitNumber Commit, int HeaderLength, int PayloadLength)
{
    /// <summary>Bytes before header and payload.</summary>
    public const int Size = 32;

    /// <summary>The largest header and payload of one record.</summary>
    public const int LengthMax = 16 << 20;

    private const int ChecksumEnd = 8, CheckAt = 28;

    /// <summary>Bytes of the whole record.</summary>
    public int Length => Size + HeaderLength + PayloadLength;

    /// <summary>Writes the frame before a header and payload that stand in <paramref name="record"/> already; returns the checksum.</summary>
    public ulong Seal(Span<byte> record, ulong segment)
    {
        WriteFields(record, segment);
        var checksum = XxHash3.HashToUInt64(record[ChecksumEnd..Length], (long)segment);
        BinaryPrimitives.WriteUInt64LittleEndian(record, checksum);
        return checksum;
    }

    /// <summary>Writes the frame of a record whose header and payload stand elsewhere; returns the checksum.</summary>
    public ulong Seal(Span<byte> frame, ulong segment, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        WriteFields(frame, segment);
        var hash = new XxHash3((long)segment);
        hash.Append(frame[ChecksumEnd..Size]);
        hash.Append(header);
        hash.Append(payload);
        var checksum = hash.GetCurrentHashAsUInt64();
        BinaryPrimitives.WriteUInt64LittleEndian(frame, checksum);
        return checksum;
    }

    /// <summary>Reads a frame's own bytes; false if they are none of this segment.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong segment, out Frame frame)
    {
        frame = default;
        if (bytes.Length < Size || bytes[24] is < (byte)RecordKind.State or > (byte)RecordKind.Close || (bytes[25] | bytes[26] | bytes[27]) != 0) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var header = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (length is < 0 or > LengthMax || header < 0 || header > length) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CheckAt..]) != CheckOf(bytes, segment)) return false;
        frame = new Frame((RecordKind)bytes[24], new CommitNumber(BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..])), header, length - header);
        return true;
    }

    /// <summary>Whether a whole record's bytes are what was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record, ulong segment) => ChecksumOf(record) == XxHash3.HashToUInt64(record[ChecksumEnd..], (long)segment);

    /// <summary>The checksum that a record carries.</summary>
    public static ulong ChecksumOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64LittleEndian(record);

    private void WriteFields(Span<byte> target, ulong segment)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], HeaderLength + PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], HeaderLength);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Commit.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], (byte)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(target[CheckAt..], CheckOf(target, segment));
    }

    private static uint CheckOf(ReadOnlySpan<byte> frame, ulong segment) => (uint)XxHash3.HashToUInt64(frame[ChecksumEnd..CheckAt], (long)segment);
}
