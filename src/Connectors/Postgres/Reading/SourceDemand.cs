namespace Pathway.Connectors.Postgres;

/// <summary>What the sources of one reader want of a database.</summary>
/// <param name="Patterns">The tables: "schema.name", with <c>*</c>.</param>
/// <param name="Keyed">Those of them that need a primary key.</param>
internal sealed record SourceDemand(IReadOnlyList<string> Patterns, IReadOnlyList<string> Keyed)
{
    /// <summary>The demand of <paramref name="sources"/>.</summary>
    public static SourceDemand Of(IReadOnlyList<IPostgresSource> sources) =>
        new([.. sources.SelectMany(s => s.Patterns).Distinct()], [.. sources.Where(s => s.IsKeyed).SelectMany(s => s.Patterns).Distinct()]);
}
