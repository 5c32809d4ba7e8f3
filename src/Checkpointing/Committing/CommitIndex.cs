using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>The summaries of the durable commits that some target has yet to pass or some source has yet to hear of, in order.</summary>
/// <remarks>Guard: <c>_commits</c> itself. Written by the commit writer, read by delivery loops.</remarks>
public sealed class CommitIndex
{
    private readonly Queue<CommitSummary> _commits = new();
    private CommitSummary? _last;

    /// <summary>The newest durable commit; null before the first.</summary>
    public CommitSummary? Last
    {
        get
        {
            lock (_commits) return _last;
        }
    }

    /// <summary>Adds the next durable commit.</summary>
    public void Add(CommitSummary commit)
    {
        lock (_commits)
        {
            Check.That(_last is null || commit.Number == _last.Number.Next());
            _commits.Enqueue(commit);
            _last = commit;
        }
    }

    /// <summary>The commits after <paramref name="commit"/>, oldest first, at most <paramref name="most"/>.</summary>
    public IReadOnlyList<CommitSummary> After(CommitNumber commit, int most)
    {
        lock (_commits)
        {
            var first = _commits.Count == 0 ? 0 : _commits.Peek().Number.Value;
            var skip = commit.Value < first ? 0 : (int)Math.Min(commit.Value - first + 1, (ulong)_commits.Count);
            if (skip == 0 && _commits.Count <= most) return [.. _commits];
            return [.. _commits.Skip(skip).Take(most)];
        }
    }

    /// <summary>The summary of <paramref name="commit"/>; null if it was forgotten or isn't there yet.</summary>
    public CommitSummary? Find(CommitNumber commit)
    {
        if (commit == CommitNumber.None) return null;
        var found = After(new CommitNumber(commit.Value - 1), 1);
        return found.Count == 1 && found[0].Number == commit ? found[0] : null;
    }

    /// <summary>Rows that <paramref name="target"/> has yet to get behind <paramref name="marker"/>.</summary>
    public long RowsAfter(Marker marker, string target)
    {
        long rows = marker.IsWhole ? 0 : (Find(marker.Commit)?.OutputFor(target).Rows ?? 0) - marker.Offset;
        foreach (var commit in After(marker.Commit, int.MaxValue)) rows += commit.OutputFor(target).Rows;
        return rows;
    }

    /// <summary>The first commit with the frontier <paramref name="frontier"/>; null if there is none.</summary>
    public CommitSummary? FindAt(Frontier frontier)
    {
        lock (_commits) return _commits.FirstOrDefault(c => c.Frontier.Equals(frontier));
    }

    /// <summary>Forgets the commits before <paramref name="commit"/>.</summary>
    public void Forget(CommitNumber commit)
    {
        lock (_commits)
        {
            while (_commits.Count > 1 && _commits.Peek().Number < commit) _commits.Dequeue();
        }
    }
}
