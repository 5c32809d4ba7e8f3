using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes floating-point numbers as Java does: 1.0, 1.0E10, 1.4E-45. Where it must be the very text: in Avro schemas and in geometric values.</summary>
internal static partial class JavaDouble
{
    /// <summary>The bits of a number; NaN has no sign in Java, but one in .NET.</summary>
    public static int Bits(float value) => float.IsNaN(value) ? 0x7FC0_0000 : BitConverter.SingleToInt32Bits(value);

    /// <summary>As above.</summary>
    public static long Bits(double value) => double.IsNaN(value) ? 0x7FF8_0000_0000_0000 : BitConverter.DoubleToInt64Bits(value);

    /// <summary>A number of double precision.</summary>
    public static string Text(double value) => Text(value, value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>A number of single precision.</summary>
    public static string Text(float value) => Text(value, value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>A geometric value, which Postgres prints with numbers such as 1, with numbers such as 1.0.</summary>
    public static byte[] InGeometry(ReadOnlySpan<byte> text) => Encoding.ASCII.GetBytes(
        Number().Replace(Encoding.ASCII.GetString(text), match => Text(double.Parse(match.Value, NumberStyles.Float, CultureInfo.InvariantCulture))));

    private static string Text(double value, string shortest)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "Infinity" : "-Infinity";
        if (value == 0) return double.IsNegative(value) ? "-0.0" : "0.0";
        var sign = value < 0 ? "-" : "";
        var (digits, exponent) = Parts(shortest);
        if (exponent is < -3 or >= 7) return $"{sign}{digits[0]}.{(digits.Length > 1 ? digits[1..] : "0")}E{exponent.ToString(CultureInfo.InvariantCulture)}";
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        var whole = digits.Length > exponent + 1 ? digits[..(exponent + 1)] : digits.PadRight(exponent + 1, '0');
        var fraction = digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0";
        return $"{sign}{whole}.{fraction}";
    }

    /// <summary>The significant digits of a number, and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Parts(string text)
    {
        var rest = text.TrimStart('-');
        var mark = rest.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(rest[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var number = mark < 0 ? rest : rest[..mark];
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = number.Replace(".", "", StringComparison.Ordinal);
        exponent += (point < 0 ? number.Length : point) - 1;
        var zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return (digits.Length == 0 ? "0" : digits, exponent - zeros);
    }

    [GeneratedRegex(@"-?(\d+(\.\d+)?([eE][+-]?\d+)?|Infinity)|NaN")]
    private static partial Regex Number();
}
