using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>The marker of a target that has more than a restored state directory: input is replayed up to its frontier before anything goes there.</summary>
/// <param name="Target">The target.</param>
/// <param name="Incarnation">Who wrote it.</param>
/// <param name="Commit">Its commit.</param>
/// <param name="Offset">Its place in that commit.</param>
public sealed record ReplayedMarker(string Target, Guid Incarnation, ulong Commit, long Offset)
{
    /// <summary>That of <paramref name="marker"/>.</summary>
    public static ReplayedMarker Of(Marker marker) => new(marker.Target, marker.Incarnation.Value, marker.Commit.Value, marker.Offset);
}
