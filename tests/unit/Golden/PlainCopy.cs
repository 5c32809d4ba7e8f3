using System.Buffers.Binary;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Reads rows in the text form of COPY.</summary>
internal static class PlainCopy
{
    public static IEnumerable<TupleData> Rows(byte[] copy)
    {
        for (var at = 0; at < copy.Length;)
        {
            var end = Array.IndexOf(copy, (byte)'\n', at);
            if (end < 0) end = copy.Length;
            yield return new TupleData(Row(copy.AsSpan(at, end - at)));
            at = end + 1;
        }
    }

    private static byte[] Row(ReadOnlySpan<byte> line)
    {
        var row = new List<byte> { 0, 0 };
        short count = 0;
        Span<byte> length = stackalloc byte[4];
        foreach (var range in line.Split((byte)'\t'))
        {
            count++;
            var field = line[range];
            if (field.SequenceEqual("\\N"u8))
            {
                row.Add((byte)'n');
                continue;
            }

            var value = Unescape(field);
            row.Add((byte)'t');
            BinaryPrimitives.WriteInt32BigEndian(length, value.Count);
            row.AddRange(length);
            row.AddRange(value);
        }

        row[0] = (byte)(count >> 8);
        row[1] = (byte)count;
        return [.. row];
    }

    private static List<byte> Unescape(ReadOnlySpan<byte> field)
    {
        var value = new List<byte>(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] != '\\')
            {
                value.Add(field[i]);
                continue;
            }

            value.Add(field[++i] switch { (byte)'b' => 8, (byte)'f' => 12, (byte)'n' => 10, (byte)'r' => 13, (byte)'t' => 9, (byte)'v' => 11, var other => other });
        }

        return value;
    }
}
