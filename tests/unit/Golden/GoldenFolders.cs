namespace Pathway.Tests.Unit.Golden;

/// <summary>Finds recorded scenarios: beside the repository, else the few that are checked in; and in the folders that PATHWAY_GOLDEN_DIRS names (with colons between).</summary>
internal static class GoldenFolders
{
    /// <summary>Scenario folders by a name that is unique: that of the folder, for further ones with its parent's in front.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Find();

    /// <summary>The repository's root.</summary>
    public static string Repository { get; } = FindRepository();

    private static SortedDictionary<string, string> Find()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var repository = FindRepository();
        var shared = Path.Combine(repository, "..", "shared", "golden");
        string[] homes = Directory.Exists(shared) ? Directory.GetDirectories(shared, "debezium-*") : [];
        if (homes.Length == 0) homes = [Path.Combine(repository, "tests", "unit", "Golden", "data")];
        foreach (var home in homes) Add(found, home, prefix: homes.Length > 1 ? Path.GetFileName(home) + "/" : "");
        foreach (var folder in (Environment.GetEnvironmentVariable("PATHWAY_GOLDEN_DIRS") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Add(found, folder, prefix: Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) + "/");
        return found;
    }

    private static void Add(SortedDictionary<string, string> found, string home, string prefix)
    {
        if (!Directory.Exists(home)) throw new DirectoryNotFoundException($"There is no folder {home} with recorded scenarios.");
        foreach (var folder in Directory.GetDirectories(home))
            if (File.Exists(Path.Combine(folder, "records.jsonl"))) found[prefix + Path.GetFileName(folder)] = folder;
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pathway.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} has Pathway.sln.");
    }
}
