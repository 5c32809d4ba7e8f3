using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>A file of the commit log: a header, then records. Named by its first commit.</summary>
/// <remarks>
/// <para>Header, 32 bytes, little endian: magic, u64 random id, u64 first commit, u64 XxHash3 of the 24 bytes before. Where a later segment begins with commit <c>n</c>, whatever an earlier one holds of
/// <c>n</c> and behind doesn't count (the tail that recovery copied).</para>
/// <para>A file gets its name only when its header is synced, so a segment with a damaged header was damaged; it is never a torn one.</para>
/// </remarks>
internal sealed class Segment
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 32;

    /// <summary>What the name of a file ends with while it isn't a segment yet.</summary>
    public const string TemporaryEnd = ".tmp";

    private long _length;

    private Segment(string path, ulong id, CommitNumber first, long length) => (Path, Id, First, _length) = (path, id, first, length);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>Its random number: the seed of its checksums.</summary>
    public ulong Id { get; }

    /// <summary>Its first commit.</summary>
    public CommitNumber First { get; }

    /// <summary>Bytes of the file up to the last closing record that was written; of a segment that is only read, of the whole file. Any thread may read it.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    private static ReadOnlySpan<byte> Magic => "PWLOG\x02\r\n"u8;

    private string TemporaryPath => Path + TemporaryEnd;

    /// <summary>The path of the segment that begins with <paramref name="first"/>.</summary>
    public static string PathOf(string folder, CommitNumber first) => System.IO.Path.Combine(folder, first.Value.ToString("D16", CultureInfo.InvariantCulture) + ".log");

    /// <summary>Makes a segment under a temporary name; <see cref="Publish"/> gives it its own.</summary>
    public static (Segment Segment, IDiskFile File) Create(IDisk disk, string folder, CommitNumber first)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        Magic.CopyTo(header);
        RandomNumberGenerator.Fill(header[8..16]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], first.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], XxHash3.HashToUInt64(header[..24]));
        var segment = new Segment(PathOf(folder, first), BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), first, HeaderSize);
        var file = disk.Create(segment.TemporaryPath);
        try
        {
            file.Write(0, header);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return (segment, file);
    }

    /// <summary>Syncs the file and gives it its name, in place of one that has it. The name is durable when the folder is synced.</summary>
    public void Publish(IDisk disk, IDiskFile file)
    {
        file.Sync();
        disk.Rename(TemporaryPath, Path);
    }

    /// <summary>Reads a segment's header.</summary>
    /// <exception cref="RefusalException">It is damaged, or another segment's.</exception>
    public static Segment Open(IDisk disk, string folder, string name)
    {
        var path = System.IO.Path.Combine(folder, name);
        Span<byte> header = stackalloc byte[HeaderSize];
        using var file = disk.Open(path);
        var read = file.Read(0, header);
        if (read < HeaderSize) throw LogRefusal.Damaged(path, $"a file of {read} bytes", $"{HeaderSize} bytes of header at least, which were synced before the file got its name");
        if (!header[..8].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(header[24..]) != XxHash3.HashToUInt64(header[..24]))
            throw LogRefusal.Damaged(path, "damage in the header (bytes 0 to 31)", "the header that was synced before the file got its name");
        var segment = new Segment(path, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), new CommitNumber(BinaryPrimitives.ReadUInt64LittleEndian(header[16..])), file.Length);
        if (path != PathOf(folder, segment.First)) throw LogRefusal.Damaged(path, $"the segment that begins with commit {segment.First}", "the one that its name says: files were renamed");
        return segment;
    }
}
