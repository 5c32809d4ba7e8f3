using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>point, which Postgres prints as (1,2.5), with its well-known binary form.</summary>
internal sealed class PointForm() : ColumnForm(ValueSchema)
{
    private static readonly ConnectSchema ValueSchema = ConnectSchema.Named(ConnectType.Struct, "io.debezium.data.geometry.Point") with
    {
        Doc = "Geometry (POINT)",
        Fields =
        [
            new("x", new ConnectSchema(ConnectType.Float64)),
            new("y", new ConnectSchema(ConnectType.Float64)),
            new("wkb", new ConnectSchema(ConnectType.Bytes) { IsOptional = true }),
            new("srid", new ConnectSchema(ConnectType.Int32) { IsOptional = true }),
        ],
    };

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var comma = text.IndexOf((byte)',');
        if (comma < 2 || text[0] != '(' || text[^1] != ')') throw Unreadable(text);
        var x = text[1..comma];
        var y = text[(comma + 1)..^1];
        Span<byte> binary = stackalloc byte[21];
        binary[0] = 1;                                            // little endian
        BinaryPrimitives.WriteInt32LittleEndian(binary[1..], 1);  // a point
        BinaryPrimitives.WriteInt64LittleEndian(binary[5..], JavaDouble.Bits(Number(x, text)));
        BinaryPrimitives.WriteInt64LittleEndian(binary[13..], JavaDouble.Bits(Number(y, text)));

        output.Mark("{\"x\":"u8);
        output.Double(x);
        output.Mark(",\"y\":"u8);
        output.Double(y);
        output.Mark(",\"wkb\":"u8);
        output.Present(ValueSchema.Fields[2].Schema);
        output.Bytes(binary);
        output.Mark(",\"srid\":"u8);
        output.Null(ValueSchema.Fields[3].Schema);
        output.Mark("}"u8);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("(0,0)"u8, ref output);

    private static double Number(ReadOnlySpan<byte> number, ReadOnlySpan<byte> text) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Unreadable(text);

    private static BadDataException Unreadable(ReadOnlySpan<byte> text) =>
        new($"'{Encoding.UTF8.GetString(text)}' is no point in the form that Postgres prints: (x,y).");
}
