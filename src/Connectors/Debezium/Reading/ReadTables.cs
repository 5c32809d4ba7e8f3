using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>The tables that the records of one topic described so far. A version is one object, as long as records describe it in the same way.</summary>
internal sealed class ReadTables(DebeziumReadOptions options)
{
    private readonly Dictionary<string, ReadTable> _bare = []; // by name of the table, where records have no schema
    private byte[] _valueSchema = [], _keySchema = [];
    private AvroNode? _valueAvro, _keyAvro;
    private string _schema = "", _name = "";
    private ReadTable? _last;

    /// <summary>The table that was read last; null before the first.</summary>
    public ReadTable? Last => _last ?? (_bare.Count == 1 ? _bare.Values.First() : null);

    /// <summary>The table of a record whose schema is known.</summary>
    public ReadTable OfSchema(string schema, string name, in RecordSide value, in RecordSide key)
    {
        if (_last is not null && _name == name && _schema == schema && ReferenceEquals(_valueAvro, value.Avro) && ReferenceEquals(_keyAvro, key.Avro) && value.Json.SequenceEqual(_valueSchema) && key.Json.SequenceEqual(_keySchema)) return _last;
        var fields = options.Unwrapped ? value.FieldsOf() : value.FieldsOf("after", "before");
        var names = key.HasSchema ? key.FieldsOf().Select(f => NameInRow(f.Name)) : [];
        _last = new ReadTable(schema, name, [.. fields.Where(f => !IsMetadata(f.Name))], [.. names], options.UnavailableValue, options.Documents);
        (_schema, _name, _valueSchema, _keySchema, _valueAvro, _keyAvro) = (schema, name, value.Json.ToArray(), key.Json.ToArray(), value.Avro, key.Avro);
        return _last;
    }

    /// <summary>The table of a record that has nothing but a key, where nothing else was read before.</summary>
    public ReadTable OfKey(string schema, string name, JsonElement key)
    {
        var names = key.EnumerateObject().Select(m => NameInRow(m.Name)).ToList();
        return _bare[$"{schema}.{name}"] = new ReadTable(schema, name, [.. names.Select(FieldSchema.Any)], names, options.UnavailableValue, options.Documents, mayHaveMore: true);
    }

    /// <summary>The table of a record without schema: columns are what rows had so far, without types.</summary>
    public ReadTable OfRow(string schema, string name, JsonElement row, JsonElement? key)
    {
        var full = $"{schema}.{name}";
        var known = _bare.GetValueOrDefault(full);
        if (known is not null && known.HasAll(row) && (key is null || known.Table.PrimaryKey.Count > 0)) return known;
        var fields = (known?.Fields ?? []).Concat(row.EnumerateObject().Select(m => m.Name).Where(n => !IsMetadata(n) && known?.Fields.Any(f => f.Name == n) != true).Select(FieldSchema.Any)).ToList();
        var names = key is { } some ? some.EnumerateObject().Select(m => NameInRow(m.Name)).ToList() : known?.Table.PrimaryKey ?? [];
        return _bare[full] = new ReadTable(schema, name, fields, names, options.UnavailableValue, options.Documents, mayHaveMore: true);
    }

    // The key of a document without envelope calls id what its row calls _id.
    private string NameInRow(string key) => options.Documents && key == "id" ? "_id" : key;

    // What the transform adds to rows.
    private bool IsMetadata(string field) => options.Unwrapped && field.StartsWith("__", StringComparison.Ordinal);
}
