using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>The labels of enum types as schemas list them. Debezium reads them once, so labels that are added later are sent but not listed; ours are listed.</summary>
internal sealed class EnumLabels(Compatibility compatibility)
{
    private readonly Dictionary<uint, IReadOnlyList<string>> _first = [];

    /// <summary>The labels, with commas between.</summary>
    public string Of(PgType type)
    {
        if (compatibility == Compatibility.Right) return string.Join(',', type.EnumLabels);
        if (!_first.TryGetValue(type.Oid, out var labels)) _first.Add(type.Oid, labels = type.EnumLabels);
        return string.Join(',', labels);
    }
}
