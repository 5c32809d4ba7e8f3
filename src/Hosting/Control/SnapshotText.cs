using System.Globalization;
using Pathway.Checkpointing;

namespace Pathway.Hosting;

/// <summary>Snapshots, for people.</summary>
public static class SnapshotText
{
    /// <summary>That one was made.</summary>
    public static string Made(SnapshotManifest snapshot, string place) => $"{snapshot.Id} of {snapshot.Name} made in {place}: {Of(snapshot)}";

    /// <summary>What one holds.</summary>
    public static string Of(SnapshotManifest snapshot) => string.Create(
        CultureInfo.InvariantCulture,
        $"commit {snapshot.Commit}, {Sizes.Text(snapshot.Bytes)} in {snapshot.Files.Count} files, {string.Join(", ", snapshot.Targets.Select(t => t.Rows == 0 ? $"{t.Target} delivered on record" : $"{t.Rows} rows for {t.Target} not delivered on record"))}");
}
