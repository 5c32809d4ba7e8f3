using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pathway.Connectors;

/// <summary>How rows stand as JSON where the user gives no form of their own: members in camelCase, enums by name, nothing escaped that needn't be.</summary>
public static class RowJson
{
    /// <summary>The options. Reading ignores the case of names and members that the row type doesn't have, and refuses null for members that can't be null.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.Strict,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            IncludeFields = true, // a tuple's elements are fields: without them it would stand as {}
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
