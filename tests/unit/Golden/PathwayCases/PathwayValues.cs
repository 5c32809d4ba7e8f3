using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <summary>Values of recorded cases: from JSON into the members of records, and both sides into one text that can be compared.</summary>
internal static class PathwayValues
{
    private const string Error = "(error)";

    /// <summary>A record of type <typeparamref name="TRow"/> from the columns that are called like its members.</summary>
    public static TRow Row<TRow>(JsonElement values)
    {
        var constructor = typeof(TRow).GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        var columns = values.EnumerateObject().ToDictionary(p => Plain(p.Name), p => p.Value);
        return (TRow)constructor.Invoke([.. constructor.GetParameters().Select(p => Value(columns[Plain(p.Name!)], p.ParameterType))]);
    }

    /// <summary>A recorded row as text.</summary>
    public static string Text(JsonElement values, IReadOnlyDictionary<string, string> columns) =>
        string.Join(", ", columns.Select(column => $"{column.Key}={Text(values.GetProperty(column.Key), column.Value.TrimEnd('?'))}"));

    /// <summary>A row of ours as text, by the members that are called like the columns.</summary>
    public static string Text(object row, IReadOnlyDictionary<string, string> columns)
    {
        var members = row.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(p => Plain(p.Name), p => p.GetValue(row));
        return string.Join(", ", columns.Select(column => $"{column.Key}={Text(members[Plain(column.Key)], column.Value.TrimEnd('?'))}"));
    }

    private static string Text(JsonElement value, string type)
    {
        if (value.ValueKind == JsonValueKind.Null) return "null";
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$error", out _)) return Error;
        if (value.ValueKind == JsonValueKind.Array) return $"[{string.Join(", ", value.EnumerateArray().Select((v, i) => Text(v, ElementType(type, i))))}]";
        return type switch
        {
            "json" => value.GetRawText(),
            "float" => value.ValueKind == JsonValueKind.String ? value.GetString()! : Number(value.GetDouble()),
            "duration" => Number(value.GetDouble()),
            "datetime_naive" or "datetime_utc" => Time(DateTime.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal)),
            _ => value.ValueKind == JsonValueKind.String ? $"\"{value.GetString()}\"" : value.GetRawText(),
        };
    }

    private static string Text(object? value, string type) => value switch
    {
        null => "null",
        _ when value.GetType() is { IsGenericType: true } kind && kind.GetGenericTypeDefinition() == typeof(Core.Attempt<>) =>
            (bool)kind.GetProperty("Succeeded")!.GetValue(value)! ? Text(kind.GetProperty("Value")!.GetValue(value), type) : Error,
        System.Runtime.CompilerServices.ITuple tuple => $"[{string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Text(tuple[i], ElementType(type, i))))}]",
        string text => type == "json" ? text : $"\"{text}\"",
        double or float or decimal => Number(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        bool flag => flag ? "true" : "false",
        DateTime time => Time(time),
        TimeSpan span => Number(span.TotalMicroseconds),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select((v, i) => Text(v, ElementType(type, i))))}]",
        _ => type == "float" ? Number(Convert.ToDouble(value, CultureInfo.InvariantCulture)) : Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static object? Value(JsonElement value, Type type)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        if (type == typeof(double)) return value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!.Replace("Infinity", "∞", StringComparison.Ordinal), CultureInfo.InvariantCulture) : value.GetDouble();
        if (type == typeof(DateTime)) return DateTime.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
        if (type == typeof(TimeSpan)) return TimeSpan.FromMicroseconds(value.GetDouble());
        if (!type.IsGenericType) return value.Deserialize(type);
        var items = Array.CreateInstance(type.GetGenericArguments()[0], value.GetArrayLength());
        for (var i = 0; i < items.Length; i++) items.SetValue(Value(value[i], type.GetGenericArguments()[0]), i);
        return typeof(Core.ValueList).GetMethod(nameof(Core.ValueList.ToValueList))!.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [items]);
    }

    // Ten digits: the last ones of a float say more about the order of additions than about the result.
    private static string Number(double value) => double.IsFinite(value) ? (value == 0 ? 0 : value).ToString("G10", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    private static string ElementType(string type, int index)
    {
        if (type.IndexOf('<') is not (var open and >= 0)) return "int";
        var inner = type[(open + 1)..^1];
        return (type.StartsWith("tuple", StringComparison.Ordinal) ? inner.Split(',')[index].Trim() : inner).TrimEnd('?');
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
