namespace Pathway.Tests.Unit.Golden.Cases;

/// <summary>Finds recorded cases: in the folders that PATHWAY_CASES_DIRS names (with colons between), else beside the repository. Each holds area folders.</summary>
internal static class PathwayCaseFolders
{
    /// <summary>Files by <c>area/name</c>, those of the second and further folders with the folder's name in front.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Find();

    /// <summary>The folder of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    private static SortedDictionary<string, string> Find()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var named = (Environment.GetEnvironmentVariable("PATHWAY_CASES_DIRS") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var beside = Path.Combine(FindRepository(), "..", "shared", "golden", "pathway");
        if (named.Length == 0 && Directory.Exists(beside)) named = [beside];
        foreach (var home in named)
        {
            if (!Directory.Exists(home)) throw new DirectoryNotFoundException($"There is no folder {home} with recorded cases.");
            var prefix = found.Count == 0 ? "" : $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(home))}:";
            foreach (var area in Directory.GetDirectories(home))
                foreach (var file in Directory.GetFiles(area, "*.json")) found[$"{prefix}{Path.GetFileName(area)}/{Path.GetFileNameWithoutExtension(file)}"] = file;
        }

        return found;
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pathway.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} has Pathway.sln.");
    }
}
