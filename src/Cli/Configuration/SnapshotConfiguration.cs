using System.Globalization;
using Pathway.Core;
using Pathway.S3;

namespace Pathway.Cli;

/// <summary>The section <c>snapshots</c>.</summary>
internal sealed record SnapshotConfiguration
{
    /// <summary>Where they go: <c>s3://bucket/prefix</c>, or a directory as an absolute path; in the file relative to the file's own folder.</summary>
    public required string Store { get; init; }

    /// <summary>The time from one to the next. Default: 1 h.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>How many are kept. Default: 24.</summary>
    public required int Keep { get; init; }

    /// <summary>Reads the section; null if there is none.</summary>
    public static SnapshotConfiguration? Read(YamlSection root, string folder) => root.Section("snapshots", ["to", "every", "keep"]) is not { } section ? null : new SnapshotConfiguration
    {
        Store = StoreOf(section.RequiredText("to", "the directory that snapshots go to, such as to: /backup/pathway, or s3://bucket/prefix.", WhyNot), folder),
        Every = section.Optional("every", TimeSpan.FromHours(1), TryEvery, $"{Quantity.DurationForm}, from 1s on"),
        Keep = section.Optional("keep", 24, TryKeep, "a whole number from 1 on"),
    };

    private static string StoreOf(string text, string folder) => S3Place.IsMeant(text) ? text : Path.GetFullPath(text, folder);

    private static string? WhyNot(string text)
    {
        try
        {
            if (S3Place.IsMeant(text)) S3Place.Parse(text);
            return null;
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }
    }

    private static bool TryEvery(string text, out TimeSpan every) => Quantity.TryDuration(text, out every) && every >= TimeSpan.FromSeconds(1);

    private static bool TryKeep(string text, out int keep) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out keep) && keep >= 1;
}
