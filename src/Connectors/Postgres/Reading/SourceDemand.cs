using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>What the sources of one reader want of a database.</summary>
/// <param name="Patterns">The tables: "schema.name", with <c>*</c>.</param>
/// <param name="Keyed">Those of them that need a primary key.</param>
internal sealed record SourceDemand(IReadOnlyList<string> Patterns, IReadOnlyList<string> Keyed)
{
    private IReadOnlyList<IPostgresSource> Sources { get; init; } = [];

    /// <summary>The demand of <paramref name="sources"/>.</summary>
    public static SourceDemand Of(IReadOnlyList<IPostgresSource> sources) =>
        new([.. sources.SelectMany(s => s.Patterns).Distinct()], [.. sources.Where(s => s.IsKeyed).SelectMany(s => s.Patterns).Distinct()]) { Sources = sources };

    /// <summary>What of <paramref name="tables"/> its row types can't hold, a sentence each.</summary>
    public IEnumerable<string> FindMisfits(NpgsqlConnection connection, PostgresOptions options, IReadOnlyList<FoundTable> tables)
    {
        if (!Sources.Any(s => s.IsKeyed)) return [];
        using var source = NpgsqlDataSource.Create(options.SqlConnection);
        var catalog = new PgCatalog(source);
        var misfits = new List<string>();
        foreach (var table in tables.Where(t => t.HasKey && t.CanSelect && TablePattern.Matches(Keyed, t.FullName)))
        {
            if (catalog.Find(connection, table.Oid) is not { } described) continue;
            misfits.AddRange(Sources.Where(s => s.IsKeyed && TablePattern.Matches(s.Patterns, table.FullName)).Select(s => s.FindMisfit(described)).OfType<string>());
        }

        return misfits;
    }
}
