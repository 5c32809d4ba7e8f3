using System.Buffers.Binary;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Goes through the bytes of one pgoutput message.</summary>
internal ref struct MessageCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public readonly bool IsAtEnd => Offset == _bytes.Length;

    public byte Byte()
    {
        Need(1);
        return _bytes[Offset++];
    }

    public short Int16()
    {
        Need(2);
        var value = BinaryPrimitives.ReadInt16BigEndian(_bytes[Offset..]);
        Offset += 2;
        return value;
    }

    public int Int32()
    {
        Need(4);
        var value = BinaryPrimitives.ReadInt32BigEndian(_bytes[Offset..]);
        Offset += 4;
        return value;
    }

    public long Int64()
    {
        Need(8);
        var value = BinaryPrimitives.ReadInt64BigEndian(_bytes[Offset..]);
        Offset += 8;
        return value;
    }

    public uint UInt32() => (uint)Int32();

    public Lsn Lsn() => new((ulong)Int64());

    /// <summary>A text that a zero byte ends.</summary>
    public string Text()
    {
        var length = _bytes[Offset..].IndexOf((byte)0);
        if (length < 0) throw Malformed();
        var text = Encoding.UTF8.GetString(_bytes.Slice(Offset, length));
        Offset += length + 1;
        return text;
    }

    /// <summary>Goes over a tuple and gives its length in bytes.</summary>
    public int SkipTuple()
    {
        var start = Offset;
        for (int column = Int16(); column > 0; column--)
        {
            switch (Byte())
            {
                case (byte)TupleData.ValueKind.Null or (byte)TupleData.ValueKind.Unchanged:
                    break;
                case (byte)TupleData.ValueKind.Text or (byte)TupleData.ValueKind.Binary:
                    var length = Int32();
                    Need(length);
                    Offset += length;
                    break;
                default:
                    throw Malformed();
            }
        }

        return Offset - start;
    }

    public void Expect(bool holds)
    {
        if (!holds) throw Malformed();
    }

    private readonly void Need(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - Offset)) throw Malformed();
    }

    private readonly BadDataException Malformed() =>
        new($"A replication message of {_bytes.Length} bytes (kind '{(_bytes.IsEmpty ? '?' : (char)_bytes[0])}') breaks the form of pgoutput, protocol version 2, near byte {Offset}. Expected is a stream of the pgoutput plugin with proto_version 2 in text form.");
}
