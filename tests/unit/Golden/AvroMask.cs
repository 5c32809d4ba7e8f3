using Avro.Generic;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Goes through values that Apache.Avro read.</summary>
internal static class AvroMask
{
    /// <summary>Puts recorded values in place of ours at the masked paths, and where the recording has the name of a Java object.</summary>
    public static void Apply(object? recorded, object? found, string path, IReadOnlySet<string> masked)
    {
        switch (recorded, found)
        {
            case (GenericRecord from, GenericRecord to):
                foreach (var field in from.Schema.Fields)
                {
                    var (name, value) = ($"{path}.{field.Name}", from.GetValue(field.Pos));
                    if (masked.Contains(name) || IsJavaObject(value) || HasJavaObjects(value)) to.Add(field.Name, value!);
                    else Apply(value, to.GetValue(field.Pos), name, masked);
                }

                break;
            case (object[] from, object[] to) when from.Length == to.Length:
                for (var i = 0; i < from.Length; i++)
                {
                    if (IsJavaObject(from[i])) to[i] = from[i];
                    else Apply(from[i], to[i], path, masked);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>A value as text.</summary>
    public static string Show(object? value) => value switch
    {
        GenericRecord record => "{" + string.Join(", ", record.Schema.Fields.Select(field => $"{field.Name}: {Show(record.GetValue(field.Pos))}")) + "}",
        byte[] bytes => Convert.ToHexString(bytes),
        object[] array => "[" + string.Join(", ", array.Select(Show)) + "]",
        IDictionary<string, object> map => "{" + string.Join(", ", map.Select(entry => $"{entry.Key}: {Show(entry.Value)}")) + "}",
        Avro.AvroDecimal number => $"{number.UnscaledValue}e-{number.Scale}",
        null => "null",
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    private static bool HasJavaObjects(object? value) => value is object[] array && array.OfType<GenericRecord>().Any(record => record.Schema.Fields.Any(field => IsJavaObject(record.GetValue(field.Pos))));

    private static bool IsJavaObject(object? value) =>
        value is string text && (text.StartsWith("[Ljava.", StringComparison.Ordinal) || text.StartsWith("io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$", StringComparison.Ordinal));
}
