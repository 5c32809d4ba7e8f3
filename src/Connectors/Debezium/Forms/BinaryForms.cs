using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>bytea, which Postgres prints as \x00ff10 (bytea_output hex), as base64.</summary>
internal sealed class BytesForm() : ColumnForm(new ConnectSchema(ConnectType.Bytes))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (!text.StartsWith("\\x"u8)) throw NotHex();
        var hex = text[2..];
        var count = hex.Length / 2;
        var room = output.Room(Base64.GetMaxEncodedToUtf8Length(count) + 2);
        room[0] = (byte)'"';
        if (Convert.FromHexString(hex, room[1..], out _, out _) != OperationStatus.Done) throw NotHex();
        Base64.EncodeToUtf8InPlace(room[1..], count, out var written);
        room[written + 1] = (byte)'"';
        output.Advance(written + 2);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"\""u8);

    /// <inheritdoc/>
    public override void WriteUnavailable(ReadOnlySpan<byte> placeholder, ref JsonOutput output) => output.Base64(placeholder);

    private static BadDataException NotHex() => new("A bytea value isn't in hex form; the connection must be set to bytea_output = hex.");
}

/// <summary>Bit strings, which Postgres prints with the highest bit first, as bytes with the lowest first and no zero bytes at the end.</summary>
internal sealed class BitsForm(int length) : ColumnForm(SchemaOf(length))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var first = text.IndexOf((byte)'1');
        var significant = first < 0 ? default : text[first..];
        var count = (significant.Length + 7) / 8;
        var rented = count > 128 ? ArrayPool<byte>.Shared.Rent(count) : null;
        Span<byte> bytes = rented ?? stackalloc byte[128];
        bytes = bytes[..count];
        bytes.Clear();
        for (var bit = 0; bit < significant.Length; bit++)
            if (significant[significant.Length - 1 - bit] == '1') bytes[bit >> 3] |= (byte)(1 << (bit & 7));
        output.Base64(bytes);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"\""u8);

    private static ConnectSchema SchemaOf(int length) => ConnectSchema.Named(ConnectType.Bytes, "io.debezium.data.Bits") with
    {
        Parameters = [new("length", length.ToString(CultureInfo.InvariantCulture))],
    };
}

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
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var comma = text.IndexOf((byte)',');
        if (comma < 2 || text[0] != '(' || text[^1] != ')') throw Unreadable(text);
        var x = text[1..comma];
        var y = text[(comma + 1)..^1];
        Span<byte> binary = stackalloc byte[21];
        binary[0] = 1;                                            // little endian
        BinaryPrimitives.WriteInt32LittleEndian(binary[1..], 1);  // a point
        BinaryPrimitives.WriteDoubleLittleEndian(binary[5..], Number(x, text));
        BinaryPrimitives.WriteDoubleLittleEndian(binary[13..], Number(y, text));

        output.Raw("{\"x\":"u8);
        FloatForm.WriteNumber(x, ref output);
        output.Raw(",\"y\":"u8);
        FloatForm.WriteNumber(y, ref output);
        output.Raw(",\"wkb\":"u8);
        output.Base64(binary);
        output.Raw(",\"srid\":null}"u8);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => Write("(0,0)"u8, ref output);

    private static double Number(ReadOnlySpan<byte> number, ReadOnlySpan<byte> text) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Unreadable(text);

    private static BadDataException Unreadable(ReadOnlySpan<byte> text) =>
        new($"'{Encoding.UTF8.GetString(text)}' is no point in the form that Postgres prints: (x,y).");
}

/// <summary>hstore as the text of a JSON object.</summary>
internal sealed class HstoreJsonForm() : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.data.Json"))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output) => WriteObject(HstoreText.Read(text), ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"{}\""u8);

    /// <inheritdoc/>
    public override void WriteUnavailable(ReadOnlySpan<byte> placeholder, ref JsonOutput output)
    {
        var text = Encoding.UTF8.GetString(placeholder);
        WriteObject([new(text, text)], ref output);
    }

    private static void WriteObject(List<KeyValuePair<string, string?>> entries, ref JsonOutput output)
    {
        var inner = new ArrayBufferWriter<byte>();
        var json = new JsonOutput(inner);
        json.Raw("{"u8);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0) json.Raw(","u8);
            json.Text(Encoding.UTF8.GetBytes(entries[i].Key), escapeSupplementary: false);
            json.Raw(":"u8);
            if (entries[i].Value is { } value) json.Text(Encoding.UTF8.GetBytes(value), escapeSupplementary: false);
            else json.Raw("null"u8);
        }

        json.Raw("}"u8);
        json.Flush();
        output.Text(inner.WrittenSpan);
    }
}
