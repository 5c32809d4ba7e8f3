using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pathway.Connectors.Debezium;

/// <summary>What an update of Mongo changed of a document: fields that were set, that were removed, and lists that were cut.</summary>
/// <param name="Updated">Paths, with dots, and their new values.</param>
/// <param name="Removed">Paths of fields that are gone.</param>
/// <param name="Truncated">Paths of lists and their new lengths.</param>
internal sealed record UpdateDescription(JsonElement Updated, IReadOnlyList<string> Removed, IReadOnlyList<(string Path, int Length)> Truncated)
{
    /// <summary>Reads <c>updateDescription</c>; null where there is none.</summary>
    public static UpdateDescription? Of(JsonElement root)
    {
        if (!root.TryGetProperty("updateDescription", out var told) || told.ValueKind != JsonValueKind.Object) return null;
        var updated = told.TryGetProperty("updatedFields", out var fields) && fields.ValueKind == JsonValueKind.String ? JsonElement.Parse(fields.GetString()!) : default;
        var removed = told.TryGetProperty("removedFields", out var gone) && gone.ValueKind == JsonValueKind.Array ? gone.EnumerateArray().Select(f => f.GetString()!).ToList() : [];
        var truncated = told.TryGetProperty("truncatedArrays", out var cut) && cut.ValueKind == JsonValueKind.Array
            ? cut.EnumerateArray().Select(a => (a.GetProperty("field").GetString()!, a.GetProperty("size").GetInt32())).ToList() : [];
        return new UpdateDescription(updated, removed, truncated);
    }

    /// <summary>Every path that was changed.</summary>
    public IEnumerable<string> Paths => (Updated.ValueKind == JsonValueKind.Object ? Updated.EnumerateObject().Select(f => f.Name) : []).Concat(Removed).Concat(Truncated.Select(t => t.Path));

    /// <summary>The document after the update.</summary>
    /// <param name="before">The document before it.</param>
    /// <exception cref="FormatException">It doesn't have what was changed.</exception>
    public string Apply(string before)
    {
        var document = JsonNode.Parse(before) as JsonObject ?? throw new FormatException("its 'before' is no document");
        foreach (var (path, length) in Truncated)
        {
            if (Find(document, path) is not JsonArray list) throw Lacks(path);
            while (list.Count > length) list.RemoveAt(list.Count - 1);
        }

        if (Updated.ValueKind == JsonValueKind.Object)
            foreach (var field in Updated.EnumerateObject()) Set(document, field.Name, JsonNode.Parse(field.Value.GetRawText()));
        foreach (var path in Removed)
        {
            var (parent, name) = Parent(document, path);
            if (parent is not JsonObject within) throw Lacks(path);
            within.Remove(name);
        }

        return document.ToJsonString();
    }

    private static void Set(JsonObject document, string path, JsonNode? value)
    {
        var (parent, name) = Parent(document, path);
        if (parent is JsonObject within) within[name] = value;
        else if (parent is JsonArray list && int.TryParse(name, out var at) && at >= 0 && at < list.Count) list[at] = value;
        else if (parent is JsonArray grown && int.TryParse(name, out at) && at == grown.Count) grown.Add(value);
        else throw Lacks(path);
    }

    private static (JsonNode? Parent, string Name) Parent(JsonObject document, string path)
    {
        // A field whose own name has dots stands as it is.
        if (document.ContainsKey(path)) return (document, path);
        var dot = path.LastIndexOf('.');
        return dot < 0 ? (document, path) : (Find(document, path[..dot]), path[(dot + 1)..]);
    }

    private static JsonNode? Find(JsonNode document, string path)
    {
        JsonNode? at = document;
        foreach (var name in path.Split('.'))
            at = at switch { JsonObject within => within[name], JsonArray list when int.TryParse(name, out var place) && place >= 0 && place < list.Count => list[place], _ => null };
        return at;
    }

    private static FormatException Lacks(string path) => new($"its updateDescription changes '{path}', which its 'before' doesn't have");
}
