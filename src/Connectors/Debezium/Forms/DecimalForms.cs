using System.Globalization;

namespace Pathway.Connectors.Debezium;

/// <summary>numeric(p,s) as Connect's Decimal: the unscaled number as bytes, the scale in the schema.</summary>
internal sealed class DecimalForm(int precision, int scale, Action<string, string> lost) : ColumnForm(SchemaOf(precision, scale))
{
    /// <summary>Digits behind the decimal point.</summary>
    public int Scale => scale;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (DecimalText.IsSpecial(text)) Special.Write(text, lost, ref output);
        else DecimalText.Write(text, scale, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"AA==\""u8);

    /// <summary>The schema; no precision where none is declared (money).</summary>
    public static ConnectSchema SchemaOf(int? precision, int scale) => ConnectSchema.Named(ConnectType.Bytes, "org.apache.kafka.connect.data.Decimal") with
    {
        Parameters = precision is { } digits
            ? [new("scale", Number(scale)), new("connect.decimal.precision", Number(digits))]
            : [new("scale", Number(scale))],
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>NaN and infinities, which decimals can't hold.</summary>
    internal static class Special
    {
        /// <summary>Writes null and says so.</summary>
        public static void Write(ReadOnlySpan<byte> text, Action<string, string> lost, ref JsonOutput output)
        {
            lost(System.Text.Encoding.UTF8.GetString(text), "null");
            output.Raw("null"u8);
        }
    }
}

/// <summary>numeric without precision: number and scale of each value in a struct.</summary>
internal sealed class VariableScaleDecimalForm(Action<string, string> lost) : ColumnForm(ValueSchema)
{
    private static readonly ConnectSchema ValueSchema = ConnectSchema.Named(ConnectType.Struct, "io.debezium.data.VariableScaleDecimal") with
    {
        Doc = "Variable scaled decimal",
        Fields = [new("scale", new ConnectSchema(ConnectType.Int32)), new("value", new ConnectSchema(ConnectType.Bytes))],
    };

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        if (DecimalText.IsSpecial(text))
        {
            DecimalForm.Special.Write(text, lost, ref output);
            return;
        }

        var scale = DecimalText.ScaleWithoutZeros(text);
        output.Raw("{\"scale\":"u8);
        output.Number(scale);
        output.Raw(",\"value\":"u8);
        DecimalText.Write(text, scale, ref output);
        output.Raw("}"u8);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("{\"scale\":0,\"value\":\"AA==\"}"u8);
}

/// <summary>money as a Decimal. Postgres prints it by lc_monetary: $1,234.50, -$0.01, (1.234,50 €).</summary>
internal sealed class MoneyForm(int scale) : ColumnForm(DecimalForm.SchemaOf(precision: null, scale))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        Span<byte> plain = stackalloc byte[32];                   // 64 bits are 20 characters with sign and point
        DecimalText.Write(plain[..Plain(text, plain)], scale, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("\"AA==\""u8);

    /// <summary>Leaves sign, digits and decimal point: the last separator that isn't followed by exactly three digits.</summary>
    private static int Plain(ReadOnlySpan<byte> text, Span<byte> plain)
    {
        var length = 0;
        if (text.IndexOfAny((byte)'-', (byte)'(') >= 0) plain[length++] = (byte)'-';
        var last = text.LastIndexOfAnyInRange((byte)'0', (byte)'9');
        var separator = text[..(last + 1)].LastIndexOfAny((byte)'.', (byte)',');
        var point = separator >= 0 && last - separator != 3 ? separator : -1;
        for (var i = 0; i <= last; i++)
        {
            if (i == point) plain[length++] = (byte)'.';
            else if ((uint)(text[i] - '0') <= 9) plain[length++] = text[i];
        }

        return length;
    }
}
