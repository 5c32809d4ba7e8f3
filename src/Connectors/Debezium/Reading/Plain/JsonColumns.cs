using System.Text;
using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>The table of a topic of plain JSON: a version for each set of members that records have. What a record leaves out isn't written, so that it doesn't matter what was read before it.</summary>
internal sealed class JsonColumns(string topic)
{
    private const int VersionsKept = 1_000;
    private readonly Dictionary<string, string> _kinds = new(StringComparer.Ordinal); // of columns that held more than null so far
    private readonly Dictionary<string, ReadTable> _versions = new(StringComparer.Ordinal);
    private readonly StringBuilder _version = new();
    private IReadOnlyList<string>? _key;
    private ReadTable? _last;
    private string _lastKey = "";

    /// <summary>The table of a record that has nothing but a key: the version that was met last, if it holds such keys.</summary>
    public ReadTable OfKey(Dictionary<string, JsonElement> row, IReadOnlyList<string> key) => _last is { } last && _key!.SequenceEqual(key) && Kinds(row, key) == _lastKey ? last : Of(row, key);

    /// <summary>The table that holds a row.</summary>
    /// <exception cref="FormatException">Its key has other columns than those before it.</exception>
    public ReadTable Of(Dictionary<string, JsonElement> row, IReadOnlyList<string> key)
    {
        if (_key is not null && !_key.SequenceEqual(key))
            throw new FormatException($"its key has the columns ({string.Join(", ", key)}), where those before it had ({string.Join(", ", _key)}). Name the columns of the key (key: [id])");
        _key = key;
        _last = OfVersion(row, key);
        _lastKey = Kinds(row, key);
        return _last;
    }

    private ReadTable OfVersion(Dictionary<string, JsonElement> row, IReadOnlyList<string> key)
    {
        _version.Clear();
        foreach (var (name, value) in row) _version.Append(name).Append('\0').Append(KindOf(name, value)).Append('\0');
        var version = _version.ToString();
        if (_versions.TryGetValue(version, out var known)) return known;
        if (_versions.Count == VersionsKept) _versions.Clear();
        var parts = topic.Split('.');
        var (schema, table) = parts.Length >= 2 ? (parts[^2], parts[^1]) : ("public", topic);
        return _versions[version] = new ReadTable(schema, table, [.. row.Select(m => FieldSchema.Of(m.Key, KindOf(m.Key, m.Value)))], key, unavailable: null, mayHaveMore: true);
    }

    private string Kinds(Dictionary<string, JsonElement> row, IReadOnlyList<string> key) => string.Join(' ', key.Select(k => KindOf(k, row[k])));

    private string KindOf(string name, JsonElement value)
    {
        var known = _kinds.GetValueOrDefault(name);
        string? kind = value.ValueKind switch
        {
            JsonValueKind.Null => known,
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.String => "string",
            _ => "struct",
        };
        if (kind is null) return "any";
        return known == kind ? kind : _kinds[name] = known is null ? kind : "any";
    }
}
