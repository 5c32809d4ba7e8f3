namespace Pathway.Connectors.Postgres;

/// <summary>Names of members, columns and fields as they are compared: in any case, and without underscores.</summary>
internal static class PlainName
{
    /// <summary>The name.</summary>
    public static string Of(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
