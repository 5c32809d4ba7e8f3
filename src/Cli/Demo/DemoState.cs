using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>What an earlier run of the demo left in its directory.</summary>
/// <param name="Commit">The last commit; <see cref="CommitNumber.None"/> for none.</param>
/// <param name="Position">Where the generator stands behind it.</param>
internal sealed record DemoState(CommitNumber Commit, GeneratorPosition Position)
{
    private static readonly string[] Parts = ["pipeline.json", "log", "state", "fold", "output"];

    /// <summary>Looks into the directory.</summary>
    /// <exception cref="RefusalException">In use, damaged, or made by another shop.</exception>
    public static DemoState Read(DemoOptions options)
    {
        var nothing = new DemoState(CommitNumber.None, new GeneratorPosition(0, 0, options.Shop.Settings));
        if (!File.Exists(new StatePaths(options.State).Manifest)) return nothing;
        var found = StateInspection.Run(options.State, verify: false);
        if (found.Last?.Summary.Frontier[Partition(options)] is not { } position) return nothing;
        var read = GeneratorPosition.Parse(position);
        if (read.Settings != options.Shop.Settings)
            throw new RefusalException($"'{options.State}' holds the demo of another shop", read.Settings, options.Shop.Settings, "Give the same --seed, another --state, or begin anew with --fresh.");
        return new DemoState(found.Last.Summary.Number, read);
    }

    /// <summary>Deletes what an earlier run left, and nothing else.</summary>
    /// <exception cref="RefusalException">In use, or not the demo's.</exception>
    public static void Delete(DemoOptions options)
    {
        var paths = new StatePaths(options.State);
        if (!Directory.Exists(paths.Root)) return;
        var owner = Manifest.Load(paths)?.Name;
        var strange = Directory.EnumerateFileSystemEntries(paths.Root).Select(Path.GetFileName).Where(name => name != "lock" && !Parts.Contains(name)).ToList();
        if (owner is not (null or DemoOptions.Name) || (owner is null && strange.Count > 0))
            throw new RefusalException($"'{paths.Root}' isn't the demo's to delete", owner is null ? $"'{strange[0]}'" : $"the state of pipeline '{owner}'", "an empty directory or the demo's own", "Give another --state.");
        using var taken = DirectoryLock.Take(paths);
        foreach (var part in Parts.Select(part => Path.Combine(paths.Root, part)))
        {
            if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
            else File.Delete(part);
        }
    }

    private static string Partition(DemoOptions options) => new GeneratorOrigin(options.Shop, new GeneratorOptions()).Partition;
}
