using System.Runtime.InteropServices;

namespace Pathway.Storage;

/// <summary>How many bytes of the caches belong to commits that no checkpoint covers yet.</summary>
internal sealed class UncoveredBytes
{
    private readonly List<Share> _shares = [];    // ascending; some hundreds at most, what commits come between two checkpoints

    /// <summary>All of them.</summary>
    public long Total { get; private set; }

    private record struct Share(ulong Commit, long Bytes);

    /// <summary>An entry that belonged to one commit belongs to the newest one now.</summary>
    public void Move(ulong from, int bytesBefore, ulong to, int bytesNow)
    {
        var shares = CollectionsMarshal.AsSpan(_shares);
        var at = Find(shares, from);
        if (at < shares.Length && shares[at].Commit == from)
        {
            shares[at].Bytes -= bytesBefore;
            Total -= bytesBefore;
        }

        if (shares.IsEmpty || shares[^1].Commit != to) _shares.Add(new Share(to, bytesNow));
        else shares[^1].Bytes += bytesNow;
        Total += bytesNow;
    }

    /// <summary>A checkpoint holds everything up to <paramref name="commit"/>.</summary>
    public void Cover(ulong commit)
    {
        var covered = 0;
        for (; covered < _shares.Count && _shares[covered].Commit <= commit; covered++) Total -= _shares[covered].Bytes;
        _shares.RemoveRange(0, covered);
    }

    private static int Find(ReadOnlySpan<Share> shares, ulong commit)
    {
        var (low, high) = (0, shares.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (shares[middle].Commit < commit) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
