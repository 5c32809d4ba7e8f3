using System.Globalization;

namespace Pathway.Connectors.Postgres;

/// <summary>Which transactions a reading transaction could see: <c>pg_current_snapshot()</c>, xmin:xmax:xip,…</summary>
internal sealed class TxSnapshot
{
    private readonly ulong _xmin, _xmax;
    private readonly HashSet<ulong> _inProgress;

    private TxSnapshot(ulong xmin, ulong xmax, HashSet<ulong> inProgress) => (_xmin, _xmax, _inProgress) = (xmin, xmax, inProgress);

    /// <summary>Reads the text form.</summary>
    public static TxSnapshot Parse(string text)
    {
        var parts = text.Split(':');
        var list = parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(x => ulong.Parse(x, CultureInfo.InvariantCulture));
        return new TxSnapshot(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture), [.. list]);
    }

    /// <summary>Whether the transaction that the stream calls by its lower 32 bits was seen.</summary>
    public bool Sees(uint xid)
    {
        var wide = Widen(xid);
        return wide < _xmin || (wide < _xmax && !_inProgress.Contains(wide));
    }

    // The stream's transactions are at most half a cycle away from the snapshot's end.
    private ulong Widen(uint xid)
    {
        var wide = (_xmax & ~0xFFFF_FFFFUL) | xid;
        if (wide > _xmax + (1UL << 31) && wide >= 1UL << 32) return wide - (1UL << 32);
        return _xmax > wide + (1UL << 31) ? wide + (1UL << 32) : wide;
    }
}
