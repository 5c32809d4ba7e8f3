using System.Buffers;
using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>geometry and geography of PostGIS, which prints them as hexadecimal EWKB: those bytes, and the SRID that they hold.</summary>
internal sealed class GeometryForm(string name) : ColumnForm(ConnectSchema.Named(ConnectType.Struct, "io.debezium.data.geometry." + name) with
{
    Doc = name,
    Fields = [new("wkb", new ConnectSchema(ConnectType.Bytes)), new("srid", Srid)],
})
{
    private const uint HasSrid = 0x2000_0000;

    private static readonly ConnectSchema Srid = new(ConnectType.Int32) { IsOptional = true };

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var rented = ArrayPool<byte>.Shared.Rent(text.Length / 2);
        if (Convert.FromHexString(text, rented, out _, out var length) != OperationStatus.Done || length < 5) throw new BadDataException("A geometry isn't in the form that PostGIS prints: hexadecimal EWKB.");
        var binary = rented.AsSpan(0, length);
        output.Mark("{\"wkb\":"u8);
        output.Bytes(binary);
        output.Mark(",\"srid\":"u8);
        if (SridOf(binary) is { } srid)
        {
            output.Present(Srid);
            output.Number(srid);
        }
        else
        {
            output.Null(Srid);
        }

        output.Mark("}"u8);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("010700000000000000"u8, ref output);

    private static int? SridOf(ReadOnlySpan<byte> binary)
    {
        var isLittle = binary[0] == 1;
        var type = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(binary[1..]) : BinaryPrimitives.ReadUInt32BigEndian(binary[1..]);
        if ((type & HasSrid) == 0 || binary.Length < 9) return null;
        return isLittle ? BinaryPrimitives.ReadInt32LittleEndian(binary[5..]) : BinaryPrimitives.ReadInt32BigEndian(binary[5..]);
    }
}
