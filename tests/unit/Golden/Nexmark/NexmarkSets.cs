namespace Pathway.Tests.Unit.Golden.Nexmark;

/// <summary>Finds sets of events with expected results: beside the repository, and in the folders that PATHWAY_NEXMARK_DIRS names (with colons between).</summary>
internal static class NexmarkSets
{
    /// <summary>The folders of the sets by name; those of further folders with the folder's name in front.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Find();

    private static SortedDictionary<string, string> Find()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var beside = Path.Combine(GoldenFolders.Repository, "..", "shared", "golden", "nexmark");
        if (Directory.Exists(beside)) Add(found, beside, "");
        foreach (var home in (Environment.GetEnvironmentVariable("PATHWAY_NEXMARK_DIRS") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Directory.Exists(home)) throw new DirectoryNotFoundException($"There is no folder {home} with sets of events.");
            Add(found, home, found.Count == 0 ? "" : $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(home))}:");
        }

        return found;
    }

    private static void Add(SortedDictionary<string, string> found, string home, string prefix)
    {
        foreach (var folder in Directory.GetDirectories(home))
            if (File.Exists(Path.Combine(folder, "events.jsonl.gz"))) found[prefix + Path.GetFileName(folder)] = folder;
    }
}
