using System.Globalization;

namespace Pathway.Connectors.Debezium;

/// <summary>numeric(p,s) as Connect's Decimal: the unscaled number as bytes, the scale in the schema; in JSON a number if asked.</summary>
internal sealed class DecimalForm(int precision, int scale, bool asNumber, LossReport loss) : ColumnForm(SchemaOf(precision, scale))
{
    /// <summary>Digits behind the decimal point.</summary>
    public int Scale => scale;

    /// <inheritdoc/>
    public override bool MayVanish => true;

    /// <inheritdoc/>
    public override bool Vanishes(ReadOnlySpan<byte> text) => DecimalText.IsSpecial(text) && loss.Null(text);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => Write(text, scale, asNumber, ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output)
    {
        if (asNumber && output.Wire == Wire.Json) DecimalText.WriteNumber("0"u8, scale, ref output);
        else output.Bytes([0]);
    }

    /// <summary>Writes a number of so many digits behind the decimal point.</summary>
    public static void Write(scoped ReadOnlySpan<byte> text, int scale, bool asNumber, ref RecordOutput output)
    {
        if (output.Wire == Wire.Header) output.Raw(text);
        else if (asNumber && output.Wire == Wire.Json) DecimalText.WriteNumber(text, scale, ref output);
        else DecimalText.Write(text, scale, ref output);
    }

    /// <summary>The schema; no precision where none is declared (money).</summary>
    public static ConnectSchema SchemaOf(int? precision, int scale) => ConnectSchema.Named(ConnectType.Bytes, "org.apache.kafka.connect.data.Decimal") with
    {
        Parameters = precision is { } digits
            ? [new("scale", Number(scale)), new("connect.decimal.precision", Number(digits))]
            : [new("scale", Number(scale))],
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>numeric without precision: number and scale of each value in a struct.</summary>
internal sealed class VariableScaleDecimalForm(LossReport loss) : ColumnForm(ValueSchema)
{
    private static readonly ConnectSchema ValueSchema = ConnectSchema.Named(ConnectType.Struct, "io.debezium.data.VariableScaleDecimal") with
    {
        Doc = "Variable scaled decimal",
        Fields = [new("scale", new ConnectSchema(ConnectType.Int32)), new("value", new ConnectSchema(ConnectType.Bytes))],
    };

    /// <inheritdoc/>
    public override bool MayVanish => true;

    /// <inheritdoc/>
    public override bool Vanishes(ReadOnlySpan<byte> text) => DecimalText.IsSpecial(text) && loss.Null(text);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var scale = DecimalText.ScaleWithoutZeros(text);
        output.Mark("{\"scale\":"u8);
        output.Number(scale);
        output.Mark(",\"value\":"u8);
        DecimalText.Write(text, scale, ref output);
        output.Mark("}"u8);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("0"u8, ref output);
}

/// <summary>numeric as text.</summary>
internal sealed class DecimalTextForm(int? scale) : ColumnForm(new ConnectSchema(ConnectType.String))
{
    /// <summary>Digits behind the decimal point; null where each value has its own.</summary>
    public int? Scale => scale;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (!DecimalText.IsSpecial(text)) output.Ascii(text);
        else output.Ascii(text[0] switch { (byte)'N' => "NAN"u8, (byte)'-' => "NEGATIVE_INFINITY"u8, _ => "POSITIVE_INFINITY"u8 });
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("0"u8);
}

/// <summary>numeric as a number of double precision.</summary>
internal sealed class DecimalDoubleForm(int? scale) : ColumnForm(new ConnectSchema(ConnectType.Float64))
{
    /// <summary>Digits behind the decimal point; null where each value has its own.</summary>
    public int? Scale => scale;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => output.Double(text);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Double("0"u8);
}

/// <summary>money. Postgres prints it by lc_monetary: $1,234.50, -$0.01, (1.234,50 €).</summary>
internal sealed class MoneyForm(TypeHandling types) : ColumnForm(SchemaOf(types.Decimal, types.MoneyFractionDigits))
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        Span<byte> plain = stackalloc byte[64];                   // 64 bits are 20 characters with sign and point, then zeros
        var scale = types.MoneyFractionDigits;
        var number = plain[..MoneyText.Plain(text, scale, plain)];
        switch (types.Decimal)
        {
            case DecimalHandling.Precise: DecimalForm.Write(number, scale, types.DecimalAsNumber, ref output); break;
            case DecimalHandling.String: output.Ascii(number); break;
            default: output.Double(number); break;
        }
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("0"u8, ref output);

    private static ConnectSchema SchemaOf(DecimalHandling handling, int scale) => handling switch
    {
        DecimalHandling.Precise => DecimalForm.SchemaOf(precision: null, scale),
        DecimalHandling.String => new ConnectSchema(ConnectType.String),
        _ => new ConnectSchema(ConnectType.Float64),
    };
}
