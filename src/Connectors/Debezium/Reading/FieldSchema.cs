using System.Globalization;
using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>A field as Kafka Connect describes it.</summary>
/// <param name="Name">The field.</param>
/// <param name="Type">int8, int16, int32, int64, float, double, boolean, string, bytes, array, map or struct; "number" or "any" where no schema says it.</param>
/// <param name="Semantic">What its values mean, such as io.debezium.time.Date; null for nothing beyond the type.</param>
/// <param name="Parameters">Further settings of the meaning, such as <c>scale</c>.</param>
/// <param name="Items">The elements of an array.</param>
internal sealed record FieldSchema(string Name, string Type, string? Semantic, IReadOnlyDictionary<string, string> Parameters, FieldSchema? Items)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>A field that no schema describes.</summary>
    public static FieldSchema Any(string name) => new(name, "any", null, None, null);

    /// <summary>A field of a type, of which nothing more is known.</summary>
    public static FieldSchema Of(string name, string type) => new(name, type, null, None, null);

    /// <summary>A whole number among the parameters; null without it.</summary>
    public int? Number(string parameter) => Parameters.TryGetValue(parameter, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The fields of a struct's schema in JSON.</summary>
    public static IReadOnlyList<FieldSchema> FieldsOf(JsonElement schema) =>
        schema.TryGetProperty("fields", out var fields) ? [.. fields.EnumerateArray().Select(f => Of(f, f.TryGetProperty("field", out var name) ? name.GetString()! : ""))] : [];

    /// <summary>The field <paramref name="name"/> of a struct's schema; null if it has none.</summary>
    public static JsonElement? Find(JsonElement schema, string name)
    {
        if (!schema.TryGetProperty("fields", out var fields)) return null;
        foreach (var field in fields.EnumerateArray())
            if (field.TryGetProperty("field", out var found) && found.ValueEquals(name)) return field;
        return null;
    }

    private static FieldSchema Of(JsonElement schema, string name) => new(
        name,
        schema.TryGetProperty("type", out var type) ? type.GetString() ?? "any" : "any",
        schema.TryGetProperty("name", out var semantic) ? semantic.GetString() : null,
        schema.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString()) : None,
        schema.TryGetProperty("items", out var items) ? Of(items, name) : null);
}
