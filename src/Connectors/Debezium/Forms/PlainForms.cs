using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>Text that is carried as it is.</summary>
internal sealed class TextForm(ConnectSchema schema) : ColumnForm(schema)
{
    /// <inheritdoc/>
    public override bool HasPlaceholder => true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => output.Text(text);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Text(default);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output) => output.Text(Placeholder.AsText(placeholder));
}

/// <summary>A column whose values are always missing (Debezium's streamed <c>name</c> columns).</summary>
internal sealed class NothingForm(ConnectSchema schema, bool isOptional) : ColumnForm(schema)
{
    /// <inheritdoc/>
    public override bool MayVanish => isOptional;

    /// <inheritdoc/>
    public override bool Vanishes(ReadOnlySpan<byte> text) => isOptional;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => WriteZero(ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output)
    {
        if (Schema.Type == ConnectType.Boolean) output.Boolean(false);
        else output.Text(default);
    }
}

/// <summary>true and false, also for a single bit.</summary>
internal sealed class BooleanForm() : ColumnForm(new ConnectSchema(ConnectType.Boolean))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => output.Boolean(!text.IsEmpty && text[0] is (byte)'t' or (byte)'1');

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Boolean(false);
}

/// <summary>Whole numbers.</summary>
internal sealed class IntegerForm(ConnectType type) : ColumnForm(new ConnectSchema(type))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => output.Integer(text);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Number(0);
}

/// <summary>Floating-point numbers: Postgres prints the shortest text that reads back as the same number.</summary>
internal sealed class FloatForm(ConnectType type) : ColumnForm(new ConnectSchema(type))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (Schema.Type == ConnectType.Float32) output.Single(text);
        else output.Double(text);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("0"u8, ref output);
}

/// <summary>Types that the form has nothing for, as the bytes of their text, which are carried as those of bytea.</summary>
internal sealed class UnknownForm(bool isGeometric, BinaryHandling handling, bool isExact) : ColumnForm(BytesForm.SchemaOf(handling))
{
    /// <inheritdoc/>
    public override bool HasPlaceholder => BytesForm.Keeps(handling, isExact);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => WriteBytes(isGeometric ? JavaDouble.InGeometry(text) : text, ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Bytes(default);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
        if (handling == BinaryHandling.Hex) output.Text(Placeholder.AsText(placeholder));
        else WriteBytes(placeholder, ref output);
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes, ref RecordOutput output)
    {
        if (handling == BinaryHandling.Bytes) output.Bytes(bytes);
        else if (handling == BinaryHandling.Hex) output.Ascii(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
        else output.Ascii(Encoding.ASCII.GetBytes(Base64(bytes)));
    }

    private string Base64(ReadOnlySpan<byte> bytes)
    {
        var text = Convert.ToBase64String(bytes);
        return handling == BinaryHandling.Base64UrlSafe ? text.Replace('+', '-').Replace('/', '_') : text;
    }
}
