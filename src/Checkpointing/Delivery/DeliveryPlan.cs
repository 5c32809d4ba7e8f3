using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Decides which commits go into the next target transaction.</summary>
internal static class DeliveryPlan
{
    /// <summary>Most commits of one transaction, so that planning costs little however far a target lags.</summary>
    public const int MostCommits = 4096;

    /// <summary>
    /// The last commit that belongs into a transaction that begins behind <paramref name="marker"/>: as many whole commits as stay within the limits, at least one.
    /// Null if there is nothing to deliver but empty commits.
    /// </summary>
    public static CommitNumber? Until(CommitIndex index, Marker marker, TransactionLimits limits)
    {
        long rows = 0, bytes = 0;
        CommitNumber? until = null;
        if (!marker.IsWhole && index.Find(marker.Commit) is { } open)
        {
            var output = open.OutputFor(marker.Target);
            (rows, bytes, until) = (output.Rows - marker.Offset, output.Rows == 0 ? 0 : output.Bytes * (output.Rows - marker.Offset) / output.Rows, open.Number);
        }

        var hasRows = until is not null;
        foreach (var commit in index.After(marker.Commit, MostCommits))
        {
            var output = commit.OutputFor(marker.Target);
            if (hasRows && (rows + output.Rows > limits.Rows || bytes + output.Bytes > limits.Bytes)) break;
            (rows, bytes, until) = (rows + output.Rows, bytes + output.Bytes, commit.Number);
            hasRows |= output.Rows > 0;
        }

        return hasRows ? until : null;
    }
}
