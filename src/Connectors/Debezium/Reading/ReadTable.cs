using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>One version of a table as records describe it, with what brings their values back into tuples.</summary>
internal sealed class ReadTable
{
    private readonly FieldForm[] _forms;
    private readonly Dictionary<string, int> _places;
    private readonly TupleWriter _tuple = new();
    private readonly JsonElement[] _values;
    private readonly string? _unavailable, _unavailableBytes;
    private readonly bool _isDocument;

    /// <param name="schema">The schema of the table.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fields">Its columns.</param>
    /// <param name="key">The names of the key's columns.</param>
    /// <param name="unavailable">What stands for a large value that didn't change; null for nothing.</param>
    /// <param name="isDocument">Whether it is one of Mongo without envelope, whose key calls <c>id</c>, as JSON in a text, what the row calls <c>_id</c>.</param>
    /// <param name="mayHaveMore">Whether other records may have other columns.</param>
    /// <exception cref="FormatException">A field of the key isn't one of the row.</exception>
    public ReadTable(string schema, string name, IReadOnlyList<FieldSchema> fields, IReadOnlyList<string> key, string? unavailable, bool isDocument = false, bool mayHaveMore = false)
    {
        _isDocument = isDocument;
        if (key.FirstOrDefault(k => !fields.Any(f => f.Name == k)) is { } stranger)
            throw new FormatException($"its key has the field '{stranger}', which the row of table {schema}.{name} doesn't have (it has {string.Join(", ", fields.Select(f => f.Name))})");
        (Fields, _unavailable, _unavailableBytes) = (fields, unavailable, unavailable is null ? null : Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(unavailable)));
        _forms = [.. fields.Select(FieldForm.Of)];
        _places = fields.Select((field, place) => (field.Name, place)).ToDictionary(f => f.Name, f => f.place, StringComparer.Ordinal);
        _values = new JsonElement[fields.Count];
        Table = new PgTable
        {
            Oid = 0, Schema = schema, Name = name, ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = key, MayHaveMore = mayHaveMore,
            Columns = [.. fields.Select((field, i) => new PgColumn { Name = field.Name, Type = _forms[i].Type, TypeModifier = _forms[i].Modifier, IsIdentity = key.Contains(field.Name), IsNotNull = key.Contains(field.Name) })],
        };
    }

    /// <summary>The table.</summary>
    public PgTable Table { get; }

    /// <summary>Its columns as the records have them.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; }

    /// <summary>Whether every member of an object is a column; others are of another version.</summary>
    public bool HasAll(JsonElement row)
    {
        foreach (var member in row.EnumerateObject())
            if (!_places.ContainsKey(member.Name)) return false;
        return true;
    }

    /// <summary>The tuple of an object; columns that it lacks are null.</summary>
    /// <exception cref="FormatException">A value isn't of its field's form.</exception>
    public TupleData TupleOf(JsonElement row)
    {
        Array.Clear(_values);
        foreach (var member in row.EnumerateObject())
            if (_places.TryGetValue(member.Name, out var place)) _values[place] = member.Value;
        return Tuple();
    }

    /// <summary>The tuple of a record's key, as far as it is in it.</summary>
    /// <exception cref="FormatException">A value isn't of its field's form.</exception>
    public TupleData TupleOfKey(JsonElement key)
    {
        if (!_isDocument || !key.TryGetProperty("id", out var id)) return TupleOf(key);
        return TupleOf(new Dictionary<string, JsonElement> { ["_id"] = DocumentId(id) });
    }

    /// <summary>As from an object, of members that were already taken out of one.</summary>
    public TupleData TupleOf(Dictionary<string, JsonElement> row)
    {
        Array.Clear(_values);
        foreach (var (name, value) in row) _values[_places[name]] = value;
        return Tuple();
    }

    private TupleData Tuple()
    {
        _tuple.CutTo(0);
        _tuple.Begin();
        for (var i = 0; i < _values.Length; i++) Write(i, _values[i]);
        return new TupleData(_tuple.Written.ToArray());
    }

    // "1004" is the number, "\"a\"" the text, and of {"$oid": "…"} rows have what it marks.
    private static JsonElement DocumentId(JsonElement id)
    {
        if (id.ValueKind != JsonValueKind.String) return id;
        try
        {
            var parsed = JsonElement.Parse(id.GetString()!);
            return parsed.ValueKind == JsonValueKind.Object ? JsonSerializer.SerializeToElement(ExtendedJson.Text(parsed), RowJson.Options) : parsed;
        }
        catch (JsonException e)
        {
            throw new FormatException($"the id of its key isn't JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private void Write(int place, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            _tuple.Null();
        }
        else if (IsUnavailable(value))
        {
            _tuple.Unchanged();
        }
        else
        {
            var text = TextOf(place, value);
            System.Text.Encoding.UTF8.GetBytes(text, _tuple.BeginText(System.Text.Encoding.UTF8.GetByteCount(text)));
        }
    }

    private string TextOf(int place, JsonElement value)
    {
        try
        {
            return _forms[place].TextOf(value);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw new FormatException($"field {Fields[place].Name} of table {Table.FullName}: {e.Message}", e);
        }
    }

    private bool IsUnavailable(JsonElement value) => _unavailable is not null && value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(_unavailable) || value.ValueEquals(_unavailableBytes),
        JsonValueKind.Array => value.GetArrayLength() == 1 && value[0].ValueKind == JsonValueKind.String && IsUnavailable(value[0]),
        _ => false,
    };
}
