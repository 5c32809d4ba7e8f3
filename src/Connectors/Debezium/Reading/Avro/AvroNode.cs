using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>The kinds of Avro's types.</summary>
internal enum AvroKind
{
    Null, Boolean, Int, Long, Float, Double, Bytes, String, Record, Enum, Array, Map, Union, Fixed,
}

/// <summary>A type of an Avro schema, with what Kafka Connect says of it.</summary>
internal sealed class AvroNode
{
    private static readonly Dictionary<string, AvroKind> Simple = new()
    {
        ["null"] = AvroKind.Null, ["boolean"] = AvroKind.Boolean, ["int"] = AvroKind.Int, ["long"] = AvroKind.Long, ["float"] = AvroKind.Float, ["double"] = AvroKind.Double, ["bytes"] = AvroKind.Bytes, ["string"] = AvroKind.String,
    };

    private AvroNode(AvroKind kind) => Kind = kind;

    public AvroKind Kind { get; }

    /// <summary>Names and types of a record's fields.</summary>
    public List<(string Name, AvroNode Type)> Fields { get; } = [];

    /// <summary>The branches of a union; the one type of an array's items or a map's values.</summary>
    public List<AvroNode> Branches { get; } = [];

    /// <summary>Labels of an enum.</summary>
    public IReadOnlyList<string> Symbols { get; private init; } = [];

    /// <summary>The length of a fixed.</summary>
    public int Size { get; private init; }

    /// <summary>connect.name: what the values mean.</summary>
    private string? Semantic { get; init; }

    /// <summary>connect.type: a narrower type than Avro has.</summary>
    private string? Narrow { get; init; }

    /// <summary>logicalType: what Avro itself says of the values.</summary>
    public string? Logical { get; private init; }

    /// <summary>Digits behind the point, of a decimal.</summary>
    public int Scale { get; private init; }

    private IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a schema's text.</summary>
    /// <exception cref="FormatException">It isn't one.</exception>
    public static AvroNode Parse(string schema)
    {
        try
        {
            using var document = JsonDocument.Parse(schema);
            return Of(document.RootElement, "", []);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"its Avro schema can't be read: {e.Message}", e);
        }
    }

    /// <summary>The type without the null that a union adds.</summary>
    public AvroNode NotNull => Kind == AvroKind.Union && Branches.Where(b => b.Kind != AvroKind.Null).ToList() is [var only] ? only : this;

    /// <summary>The field <paramref name="name"/> of a record, without null; null if it has none.</summary>
    public AvroNode? Find(string name) => Fields.FirstOrDefault(f => f.Name == name).Type?.NotNull;

    /// <summary>The same record with fields called otherwise; what is no record stays.</summary>
    public AvroNode WithNames(Func<string, string> nameOf)
    {
        if (Kind == AvroKind.Union) return With(new AvroNode(AvroKind.Union), [.. Branches.Select(b => b.WithNames(nameOf))]);
        if (Kind != AvroKind.Record) return this;
        var renamed = new AvroNode(AvroKind.Record) { Semantic = Semantic };
        foreach (var (name, type) in Fields) renamed.Fields.Add((nameOf(name), type));
        return renamed;
    }

    /// <summary>The field as Kafka Connect describes it.</summary>
    public FieldSchema ToField(string name)
    {
        var type = NotNull;
        var word = type.Kind switch
        {
            AvroKind.Boolean => "boolean", AvroKind.Int => type.Narrow ?? "int32", AvroKind.Long => "int64", AvroKind.Float => "float", AvroKind.Double => "double", AvroKind.Bytes or AvroKind.Fixed => "bytes",
            AvroKind.String or AvroKind.Enum => "string", AvroKind.Array => "array", AvroKind.Map => "map", AvroKind.Record => "struct", _ => "any",
        };
        return new FieldSchema(name, word, type.Semantic, type.Parameters, type.Kind == AvroKind.Array ? type.Branches[0].ToField(name) : null);
    }

    private static AvroNode Of(JsonElement schema, string space, Dictionary<string, AvroNode> named)
    {
        if (schema.ValueKind == JsonValueKind.String) return OfName(schema.GetString()!, space, named);
        if (schema.ValueKind == JsonValueKind.Array)
        {
            var union = new AvroNode(AvroKind.Union);
            foreach (var branch in schema.EnumerateArray()) union.Branches.Add(Of(branch, space, named));
            return union;
        }

        var type = schema.GetProperty("type");
        if (type.ValueKind != JsonValueKind.String) return Of(type, space, named);
        return type.GetString() switch
        {
            "record" => OfRecord(schema, space, named),
            "enum" => Named(schema, space, named, new AvroNode(AvroKind.Enum) { Symbols = [.. schema.GetProperty("symbols").EnumerateArray().Select(s => s.GetString()!)], Semantic = Text(schema, "connect.name") }).Node,
            "fixed" => Named(schema, space, named, new AvroNode(AvroKind.Fixed) { Size = schema.GetProperty("size").GetInt32(), Semantic = Text(schema, "connect.name"), Parameters = ParametersOf(schema), Logical = Text(schema, "logicalType"), Scale = ScaleOf(schema) }).Node,
            "array" => With(new AvroNode(AvroKind.Array) { Semantic = Text(schema, "connect.name") }, Of(schema.GetProperty("items"), space, named)),
            "map" => With(new AvroNode(AvroKind.Map) { Semantic = Text(schema, "connect.name") }, Of(schema.GetProperty("values"), space, named)),
            var word when Simple.TryGetValue(word!, out var kind) => new AvroNode(kind)
            {
                Semantic = Text(schema, "connect.name"), Narrow = Text(schema, "connect.type"), Parameters = ParametersOf(schema), Logical = Text(schema, "logicalType"), Scale = ScaleOf(schema),
            },
            var word => OfName(word!, space, named),
        };
    }

    private static AvroNode OfRecord(JsonElement schema, string space, Dictionary<string, AvroNode> named)
    {
        // Its name is known within itself: records may hold records of their own type.
        var (node, within) = Named(schema, space, named, new AvroNode(AvroKind.Record) { Semantic = Text(schema, "connect.name") });
        foreach (var field in schema.GetProperty("fields").EnumerateArray()) node.Fields.Add((field.GetProperty("name").GetString()!, Of(field.GetProperty("type"), within, named)));
        return node;
    }

    private static (AvroNode Node, string Space) Named(JsonElement schema, string space, Dictionary<string, AvroNode> named, AvroNode node)
    {
        var name = schema.GetProperty("name").GetString()!;
        var dot = name.LastIndexOf('.');
        var within = dot > 0 ? name[..dot] : Text(schema, "namespace") ?? space;
        named[dot > 0 || within.Length == 0 ? name : $"{within}.{name}"] = node;
        return (node, within);
    }

    private static AvroNode OfName(string name, string space, Dictionary<string, AvroNode> named) =>
        Simple.TryGetValue(name, out var kind) ? new AvroNode(kind)
        : named.TryGetValue(name.Contains('.', StringComparison.Ordinal) || space.Length == 0 ? name : $"{space}.{name}", out var known) || named.TryGetValue(name, out known) ? known
        : throw new FormatException($"its Avro schema names the type '{name}', which it doesn't tell");

    private static AvroNode With(AvroNode node, params AvroNode[] branches)
    {
        node.Branches.AddRange(branches);
        return node;
    }

    private static int ScaleOf(JsonElement schema) => schema.TryGetProperty("scale", out var scale) && scale.TryGetInt32(out var digits) ? digits : 0;

    private static string? Text(JsonElement schema, string property) => schema.TryGetProperty(property, out var value) ? value.GetString() : null;

    private static Dictionary<string, string> ParametersOf(JsonElement schema) =>
        schema.TryGetProperty("connect.parameters", out var parameters) ? parameters.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString()) : [];
}
