using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>What Debezium makes of a column's default: literals are taken, results of functions are placeholders (0, "", the epoch), everything else is dropped.</summary>
internal static partial class ColumnDefault
{
    private static readonly string[] CurrentTimes = ["current_timestamp", "current_time", "current_date", "localtime", "localtimestamp"];

    /// <summary>The default as Postgres would print the value; null for none.</summary>
    public static byte[]? Read(PgColumn column, ColumnForm form, Compatibility compatibility)
    {
        if (column.Default is not { } expression || column.Type.DomainBase is not null || column.Type.Element is not null) return null;
        var isExact = compatibility == Compatibility.Exact;
        var text = column.Type.Kind == 'e' ? EnumLabel(expression, isExact) : Value(column.Type.Oid, expression.Trim(), form, isExact);
        return text is null ? null : Encoding.UTF8.GetBytes(text);
    }

    private static string? Value(uint type, string expression, ColumnForm form, bool isExact) => type switch
    {
        PgTypes.Text or PgTypes.Varchar or PgTypes.Bpchar or PgTypes.Xml => Extract(expression, "", isExact, isExact ? null : ""),
        PgTypes.Json or PgTypes.Jsonb => Extract(expression, "{}", isExact, isExact ? null : "{}"),
        PgTypes.Uuid => Extract(expression, "00000000-0000-0000-0000-000000000000", isExact) is { } text && Guid.TryParseExact(text, "D", out _) ? text : null,
        PgTypes.Bool => Extract(expression, "false", isExact) is { } text ? text.Equals("true", StringComparison.OrdinalIgnoreCase) ? "t" : "f" : null,
        PgTypes.Int2 => Extract(expression, "0", isExact) is { } text && short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? text : null,
        PgTypes.Int4 => Extract(expression, "0", isExact) is { } text && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? text : null,
        PgTypes.Int8 => Extract(expression, "0", isExact) is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? text : null,
        PgTypes.Float4 or PgTypes.Float8 => Extract(expression, "0", isExact) is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? text : null,
        PgTypes.Numeric => Extract(expression, "0.0", isExact) is { } text && IsCarried(text, form) ? WithScale(text, form) : null,
        PgTypes.Bit or PgTypes.Varbit => Extract(expression, "0", isExact) is { } text && text.AsSpan().IndexOfAnyExcept('0', '1') < 0 ? text : null,
        PgTypes.Date => Time(Extract(expression, "1970-01-01", isExact), isExact),
        PgTypes.Time => Time(Extract(expression, "00:00:00", isExact), isExact),
        PgTypes.Timestamp => Timestamp(Extract(expression, "1970-01-01", isExact), isExact, form),
        PgTypes.Timestamptz => Time(Extract(expression, "1970-01-01", isExact), isExact),
        PgTypes.Interval => Extract(expression, "00:00:00", isExact) is { } text && IntervalText().IsMatch(text) ? text : null,
        _ => null,
    };

    /// <summary>Whether a default of numeric can be carried: not in a struct, and not where it would have to be rounded.</summary>
    private static bool IsCarried(string text, ColumnForm form) => form switch
    {
        DecimalForm numeric => DecimalText.Fits(Encoding.UTF8.GetBytes(text), numeric.Scale),
        DecimalTextForm asText => DecimalText.Fits(Encoding.UTF8.GetBytes(text), asText.Scale ?? int.MaxValue),
        DecimalDoubleForm asDouble => DecimalText.Fits(Encoding.UTF8.GetBytes(text), asDouble.Scale ?? int.MaxValue),
        _ => false,
    };

    /// <summary>The expression may have fewer digits behind the point than values of the column: 12.3 for numeric(10,2).</summary>
    private static string WithScale(string text, ColumnForm form)
    {
        if (form is not DecimalTextForm { Scale: > 0 and var scale }) return text;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? $"{text}.{new string('0', scale)}" : text[..point] + text[point..].PadRight(scale + 1, '0')[..(scale + 1)];
    }

    private static string? Time(string? text, bool isExact) => text switch
    {
        null => null,
        "infinity" or "-infinity" => isExact ? null : text,
        _ => text.Length > 0 && TimeText().IsMatch(text) ? text : null,
    };

    /// <summary>Infinity goes through java.time's largest timestamp in Debezium, whose microseconds overflow as those of the last second that Postgres knows do.</summary>
    private static string? Timestamp(string? text, bool isExact, ColumnForm form)
    {
        if (!isExact || text is not ("infinity" or "-infinity")) return Time(text, isExact);
        if (form.Schema.Name != "io.debezium.time.MicroTimestamp" || text == "-infinity") return null;
        return "294276-12-31 23:59:59.999999";
    }

    /// <summary>The literal in an expression; <paramref name="placeholder"/> for the call of a function; <paramref name="bare"/>, or if that is null the text itself, for what is neither.</summary>
    private static string? Extract(string expression, string placeholder, bool isExact, string? bare = null)
    {
        if (FunctionCall().IsMatch(expression) || CurrentTimes.Contains(expression, StringComparer.OrdinalIgnoreCase)) return placeholder;
        if (expression.StartsWith("NULL::", StringComparison.Ordinal)) return null;
        var start = expression.IndexOf('\'', StringComparison.Ordinal);
        if (start < 0) return bare ?? expression;
        if (!isExact) return Literal(expression, start);
        var literal = expression[(start + 1)..expression.IndexOf('\'', start + 1)];
        return literal.Contains('\n', StringComparison.Ordinal) ? null : literal;
    }

    /// <summary>The SQL literal that begins at <paramref name="start"/>; Debezium ends it at the first quote, doubled or not.</summary>
    private static string Literal(string expression, int start)
    {
        var text = new StringBuilder();
        for (var i = start + 1; i < expression.Length; i++)
        {
            if (expression[i] == '\'' && (i + 1 == expression.Length || expression[++i] != '\'')) break;
            text.Append(expression[i]);
        }

        return text.ToString();
    }

    /// <summary>The label in 'ok'::mood; expressions are dropped.</summary>
    private static string? EnumLabel(string expression, bool isExact)
    {
        var end = expression.LastIndexOf("'::", StringComparison.Ordinal);
        if (end < 1 || expression[0] != '\'') return null;
        return isExact ? expression[1..end] : Literal(expression, 0);
    }

    [GeneratedRegex(@"^\(?[A-Za-z0-9_.]+\(.*\)")]
    private static partial Regex FunctionCall();

    [GeneratedRegex(@"^(\d+-\d\d-\d\d)?( ?\d\d:\d\d(:\d\d(\.\d+)?)?)?([+-]\d\d(:\d\d)*)?( BC)?$")]
    private static partial Regex TimeText();

    [GeneratedRegex(@"^(?=.)([+-]?\d+ (years?|mons?|days?) ?)*([+-]?\d+:\d\d(:\d\d(\.\d+)?)?)?$")]
    private static partial Regex IntervalText();
}
