using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>bytea, which Postgres prints as \x00ff10 (bytea_output hex), as bytes or as text of them.</summary>
internal sealed class BytesForm(BinaryHandling handling, bool isExact) : ColumnForm(SchemaOf(handling))
{
    /// <summary>Whether the placeholder of a large value can be carried: Debezium's text in base64 has none.</summary>
    public static bool Keeps(BinaryHandling handling, bool isExact) => !isExact || handling is BinaryHandling.Bytes or BinaryHandling.Hex;

    /// <summary>The schema of bytes as they are carried.</summary>
    public static ConnectSchema SchemaOf(BinaryHandling handling) => new(handling == BinaryHandling.Bytes ? ConnectType.Bytes : ConnectType.String);

    /// <inheritdoc/>
    public override bool HasPlaceholder => Keeps(handling, isExact);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (!text.StartsWith("\\x"u8)) throw NotHex();
        var hex = text[2..];
        var count = hex.Length / 2;
        if (handling == BinaryHandling.Hex)
        {
            output.Ascii(hex);
            return;
        }

        var isText = handling != BinaryHandling.Bytes || !output.IsAvro;
        var length = isText ? Base64.GetMaxEncodedToUtf8Length(count) : count;
        if (output.IsAvro) output.Size(length);
        else output.Raw("\""u8);
        var room = output.Room(Math.Max(length, count));
        if (Convert.FromHexString(hex, room, out _, out _) != OperationStatus.Done) throw NotHex();
        if (isText) Base64.EncodeToUtf8InPlace(room, count, out _);
        if (handling == BinaryHandling.Base64UrlSafe) MakeUrlSafe(room[..length]);
        output.Advance(length);
        output.Mark("\""u8);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Bytes(default);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
        if (handling == BinaryHandling.Hex) output.Text(Placeholder.AsText(placeholder));
        else Write(Encoding.ASCII.GetBytes("\\x" + Convert.ToHexStringLower(placeholder)), ref output);
    }

    private static void MakeUrlSafe(Span<byte> base64)
    {
        base64.Replace((byte)'+', (byte)'-');
        base64.Replace((byte)'/', (byte)'_');
    }

    private static BadDataException NotHex() => new("A bytea value isn't in hex form; the connection must be set to bytea_output = hex.");
}

/// <summary>Bit strings, which Postgres prints with the highest bit first, as bytes with the lowest first and no zero bytes at the end.</summary>
internal sealed class BitsForm(int length) : ColumnForm(SchemaOf(length))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
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
        output.Bytes(bytes);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Bytes(default);

    private static ConnectSchema SchemaOf(int length) => ConnectSchema.Named(ConnectType.Bytes, "io.debezium.data.Bits") with
    {
        Parameters = [new("length", length.ToString(CultureInfo.InvariantCulture))],
    };
}
