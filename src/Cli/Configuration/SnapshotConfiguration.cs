using System.Globalization;

namespace Pathway.Cli;

/// <summary>The section <c>snapshots</c>.</summary>
internal sealed record SnapshotConfiguration
{
    /// <summary>The directory they go to, as an absolute path; in the file relative to the file's own folder.</summary>
    public required string Directory { get; init; }

    /// <summary>The time from one to the next. Default: 1 h.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>How many are kept. Default: 24.</summary>
    public required int Keep { get; init; }

    /// <summary>Reads the section; null if there is none.</summary>
    public static SnapshotConfiguration? Read(YamlSection root, string folder) => root.Section("snapshots", ["to", "every", "keep"]) is not { } section ? null : new SnapshotConfiguration
    {
        Directory = Path.GetFullPath(section.RequiredText("to", "the directory that snapshots go to, such as to: /backup/pathway.", _ => null), folder),
        Every = section.Optional("every", TimeSpan.FromHours(1), TryEvery, $"{Quantity.DurationForm}, from 1s on"),
        Keep = section.Optional("keep", 24, TryKeep, "a whole number from 1 on"),
    };

    private static bool TryEvery(string text, out TimeSpan every) => Quantity.TryDuration(text, out every) && every >= TimeSpan.FromSeconds(1);

    private static bool TryKeep(string text, out int keep) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out keep) && keep >= 1;
}
