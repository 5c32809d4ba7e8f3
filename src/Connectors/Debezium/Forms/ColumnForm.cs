using System.Globalization;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>How the values of a column are carried: the schema, and the way from Postgres' text to it. One object for each column of a compiled table.</summary>
/// <remarks>A further wire format is a further Write method here; what a value is (numbers, bytes) stays with the readers in Values.</remarks>
internal abstract class ColumnForm(ConnectSchema schema)
{
    /// <summary>The schema of a required value without default; the column adds these.</summary>
    public ConnectSchema Schema { get; } = schema;

    /// <summary>Writes the value that Postgres prints as <paramref name="text"/>.</summary>
    public abstract void Write(ReadOnlySpan<byte> text, ref JsonOutput output);

    /// <summary>Writes what stands for the value of a required column that Postgres didn't send.</summary>
    public abstract void WriteZero(ref JsonOutput output);

    /// <summary>Writes what stands for a large value that an update didn't touch.</summary>
    public virtual void WriteUnavailable(ReadOnlySpan<byte> placeholder, ref JsonOutput output) => output.Raw("null"u8);
}

/// <summary>Text that is carried as it is.</summary>
internal sealed class TextForm(ConnectSchema schema) : ColumnForm(schema)
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output) => output.Text(text);

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"\""u8);

    /// <inheritdoc/>
    public override void WriteUnavailable(ReadOnlySpan<byte> placeholder, ref JsonOutput output) => output.Text(placeholder);
}

/// <summary>A column whose values are always missing (Debezium's streamed <c>name</c> columns).</summary>
internal sealed class NothingForm(ConnectSchema schema, bool isOptional) : ColumnForm(schema)
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output) => output.Raw(isOptional ? "null"u8 : "\"\""u8);

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"\""u8);
}

/// <summary>true and false, also for a single bit.</summary>
internal sealed class BooleanForm() : ColumnForm(new ConnectSchema(ConnectType.Boolean))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output) => output.Raw(!text.IsEmpty && text[0] is (byte)'t' or (byte)'1' ? "true"u8 : "false"u8);

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("false"u8);
}

/// <summary>Whole numbers, which Postgres prints as JSON does.</summary>
internal sealed class IntegerForm(ConnectType type) : ColumnForm(new ConnectSchema(type))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output) => output.Raw(text);

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("0"u8);
}

/// <summary>Floating-point numbers: Postgres prints the shortest text that reads back as the same number.</summary>
internal sealed class FloatForm(ConnectType type) : ColumnForm(new ConnectSchema(type))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (Schema.Type == ConnectType.Float32 && IsOfOneDigit(text)) WriteTwoDigits(text, ref output);
        else WriteNumber(text, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("0.0"u8);

    /// <summary>Whether it is one of the smallest numbers, such as 1e-45, for which a single digit is enough.</summary>
    private static bool IsOfOneDigit(ReadOnlySpan<byte> text) => text.Length is 5 or 6 && text[^4..^1].SequenceEqual("e-4"u8);

    /// <summary>Java writes two digits at least (1.4E-45); whoever reads the number into a double would get another one from 1e-45.</summary>
    private static void WriteTwoDigits(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var number = float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!number.TryFormat(output.Room(24), out var written, "0.0E-0", CultureInfo.InvariantCulture)) throw new InvariantException("A number of two digits didn't fit.");
        output.Advance(written);
    }

    /// <summary>Writes a number as a floating-point one: "1" as 1.0; NaN, Infinity and -Infinity, which JSON doesn't know, in quotes.</summary>
    public static void WriteNumber(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (text[^1] is (byte)'N' or (byte)'y')
        {
            output.Text(text);
            return;
        }

        output.Raw(text);
        if (text.IndexOfAny((byte)'.', (byte)'e') < 0) output.Raw(".0"u8);
    }
}
