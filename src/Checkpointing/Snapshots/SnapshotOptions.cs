using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Snapshots that a running pipeline makes by itself.</summary>
public sealed record SnapshotOptions
{
    /// <summary>Where they go.</summary>
    public required IObjectStore Store { get; init; }

    /// <summary>The time from one to the next. Default 1 h.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many are kept; older ones are deleted. Default 24.</summary>
    public int Keep { get; init; } = 24;
}
