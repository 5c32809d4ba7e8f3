using System.Globalization;

namespace Pathway.Connectors.Postgres;

/// <summary>Columns of a source's table as columns of a target's: the same types, so that the text of every value means the same there.</summary>
internal static class ReplicaColumns
{
    /// <summary>The column for <paramref name="column"/>. Domains become the type below them; a type that is gone from the source becomes text.</summary>
    /// <remarks>Only keys are NOT NULL, so that what the source takes later is taken here too.</remarks>
    public static TargetColumn Of(PgColumn column, bool isKey)
    {
        var (type, modifier) = column.Type.DomainBase is { } below ? (below, column.Type.DomainTypeModifier) : (column.Type, column.TypeModifier);
        if (type.Name.StartsWith("oid ", StringComparison.Ordinal)) return new TargetColumn(column.Name, "text", IsNotNull: isKey);
        var element = type.Element ?? type;
        return new TargetColumn(
            column.Name, type.Name, Modifier(element.Name, modifier), type.Schema == "pg_catalog" ? null : type.Schema, isKey, element.Kind == 'e' && element.EnumLabels.Count > 0 ? element.EnumLabels : null);
    }

    // As the types' own typmodout functions; fields of an interval are left out: an interval without them takes more.
    private static string Modifier(string type, int modifier) => (type, modifier) switch
    {
        (_, < 0) => "",
        ("varchar" or "bpchar", >= 4) => Text(modifier - 4),
        ("numeric", >= 4) => string.Create(CultureInfo.InvariantCulture, $"({((modifier - 4) >> 16) & 0xFFFF},{(((modifier - 4) & 0x7FF) ^ 1024) - 1024})"),
        ("bit" or "varbit" or "time" or "timetz" or "timestamp" or "timestamptz", _) => Text(modifier),
        _ => "",
    };

    private static string Text(int number) => string.Create(CultureInfo.InvariantCulture, $"({number})");
}
