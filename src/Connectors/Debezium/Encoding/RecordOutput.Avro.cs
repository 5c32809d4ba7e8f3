using System.Runtime.CompilerServices;

namespace Pathway.Connectors.Debezium;

/// <content>Avro's binary form: whole numbers of variable length, lengths before bytes.</content>
internal ref partial struct RecordOutput
{
    /// <summary>Writes a whole number: 7 bits a byte, lowest first, the sign in the lowest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void VarInt(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var room = Room(10);
        var length = 0;
        for (; rest > 0x7F; rest >>= 7) room[length++] = (byte)(rest | 0x80);
        room[length++] = (byte)rest;
        _length += length;
    }

    /// <summary>In Avro: writes the length of what follows.</summary>
    public void Size(int length) => VarInt(length);

    private void Sized(scoped ReadOnlySpan<byte> bytes)
    {
        VarInt(bytes.Length);
        Raw(bytes);
    }
}
