using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>The labels of enum types as schemas list them: in the order in which they were added, as Debezium finds them. It reads them once, so labels that are added later are sent but not listed; ours are listed.</summary>
internal sealed class EnumLabels(Compatibility compatibility)
{
    private readonly Dictionary<uint, IReadOnlyList<string>> _first = [];

    /// <summary>The labels, with commas between.</summary>
    public string Of(PgType type)
    {
        var labels = type.EnumLabelsByAge.Count > 0 ? type.EnumLabelsByAge : type.EnumLabels;
        if (compatibility == Compatibility.Exact && !_first.TryAdd(type.Oid, labels)) labels = _first[type.Oid];
        return string.Join(',', labels);
    }
}
