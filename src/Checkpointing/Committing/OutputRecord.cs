using System.Buffers.Binary;
using System.Text;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Output of one target as records of the commit log.</summary>
/// <remarks>
/// A record's header: u8 length and name of the target, u32 rows, u16 count of destinations, then u16 length and name of each; where the payload is compressed, behind them u32 its whole length.
/// Its payload: the rows as <see cref="OutputBuffer"/> has them. A record holds whole rows, so that it can be delivered by itself.
/// </remarks>
internal static class OutputRecord
{
    /// <summary>Above this many bytes a buffer is cut into several records.</summary>
    private const int PayloadBytes = 4 << 20;

    /// <summary>Appends all of <paramref name="output"/> to the open commit.</summary>
    public static void Append(CommitLog log, string target, OutputBuffer output, OutputCompression compression)
    {
        var rest = output.Bytes.Span;
        while (!rest.IsEmpty)
        {
            var (length, rows) = Cut(rest);
            // A row that is larger by itself stays as it is, so that its size alone says whether the log can hold it.
            if (length <= PayloadBytes && compression.TryCompress(rest[..length], out var compressed)) log.Append(RecordKind.Output, Header(target, rows, output.Destinations, length), compressed);
            else log.Append(RecordKind.Output, Header(target, rows, output.Destinations, length: 0), rest[..length]);
            rest = rest[length..];
        }
    }

    /// <summary>Reads a header: whose output it is, how many rows, the names of the destinations, and the whole length of a payload that is compressed, else 0.</summary>
    public static (string Target, int Rows, IReadOnlyList<string> Destinations, int Length) ReadHeader(ReadOnlySpan<byte> header)
    {
        var target = Encoding.UTF8.GetString(header.Slice(1, header[0]));
        header = header[(1 + header[0])..];
        var rows = BinaryPrimitives.ReadInt32LittleEndian(header);
        var destinations = new string[BinaryPrimitives.ReadUInt16LittleEndian(header[4..])];
        header = header[6..];
        for (var i = 0; i < destinations.Length; i++)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(header);
            destinations[i] = Encoding.UTF8.GetString(header.Slice(2, length));
            header = header[(2 + length)..];
        }

        return (target, rows, destinations, header.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(header));
    }

    private static (int Length, int Rows) Cut(ReadOnlySpan<byte> bytes)
    {
        int length = 0, rows = 0;
        while (length < bytes.Length)
        {
            var row = 4 + BinaryPrimitives.ReadInt32LittleEndian(bytes[length..]);
            if (length > 0 && length + row > PayloadBytes) break;
            length += row;
            rows++;
        }

        return (length, rows);
    }

    private static byte[] Header(string target, int rows, IReadOnlyList<string> destinations, int length)
    {
        var name = Encoding.UTF8.GetBytes(target);
        var names = destinations.Select(Encoding.UTF8.GetBytes).ToArray();
        var header = new byte[1 + name.Length + 6 + names.Sum(n => 2 + n.Length) + (length > 0 ? 4 : 0)];
        var rest = header.AsSpan();
        rest[0] = checked((byte)name.Length);
        name.CopyTo(rest[1..]);
        rest = rest[(1 + name.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, rows);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[4..], (ushort)names.Length);
        rest = rest[6..];
        foreach (var destination in names)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)destination.Length);
            destination.CopyTo(rest[2..]);
            rest = rest[(2 + destination.Length)..];
        }

        if (length > 0) BinaryPrimitives.WriteInt32LittleEndian(rest, length);
        return header;
    }
}
