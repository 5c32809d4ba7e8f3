using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>A file of the commit log: a header, then records. Named by its first commit.</summary>
/// <remarks>
/// Header, 32 bytes, little endian: magic, u64 random id, u64 first commit, u64 XxHash3 of the 24 bytes before. Where a later segment begins with commit <c>n</c>, whatever an earlier one holds of
/// <c>n</c> and behind doesn't count (the tail that recovery copied).
/// </remarks>
internal sealed record Segment(string Path, ulong Id, CommitNumber First)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 32;

    private static ReadOnlySpan<byte> Magic => "PWLOG\x01\r\n"u8;

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The name of the segment that begins with <paramref name="first"/>.</summary>
    public static string PathOf(string folder, CommitNumber first) => System.IO.Path.Combine(folder, first.Value.ToString("D16", CultureInfo.InvariantCulture) + ".log");

    /// <summary>Makes a segment file at <paramref name="path"/> that will be named for <paramref name="first"/>.</summary>
    public static (Segment Segment, IDiskFile File) Create(IDisk disk, string folder, string path, CommitNumber first)
    {
        var segment = new Segment(PathOf(folder, first), BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)), first);
        Span<byte> header = stackalloc byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], segment.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], first.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], XxHash3.HashToUInt64(header[..24]));
        var file = disk.Create(path);
        file.Write(0, header);
        return (segment, file);
    }

    /// <summary>Reads a segment's header; null if it isn't whole.</summary>
    public static Segment? Open(IDisk disk, string path)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        using var file = disk.Open(path);
        if (file.Read(0, header) < HeaderSize || !header[..8].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(header[24..]) != XxHash3.HashToUInt64(header[..24])) return null;
        return new Segment(path, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), new CommitNumber(BinaryPrimitives.ReadUInt64LittleEndian(header[16..])));
    }
}
