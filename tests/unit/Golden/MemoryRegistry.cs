using Pathway.Connectors.Debezium;

namespace Pathway.Tests.Unit.Golden;

/// <summary>A registry in memory: equal texts have one number, numbers go up from 1.</summary>
internal sealed class MemoryRegistry : ISchemaRegistry, ISchemaSource
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>What was registered, in order, each subject and schema once.</summary>
    public List<(int Id, string Subject, string Schema)> Registered { get; } = [];

    /// <summary>The schema of a number.</summary>
    public string SchemaOf(int id) => _ids.Single(entry => entry.Value == id).Key;

    public int IdOf(string topic, bool isKey, string record, string schema)
    {
        if (!_ids.TryGetValue(schema, out var id)) _ids.Add(schema, id = _ids.Count + 1);
        var entry = (id, $"{topic}-{(isKey ? "key" : "value")}", schema);
        if (!Registered.Contains(entry)) Registered.Add(entry);
        return id;
    }
}
