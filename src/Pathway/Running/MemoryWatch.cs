using Pathway.Storage;

namespace Pathway.Running;

/// <summary>Keeps the process within its memory: looks at what is resident, and gives the caches of the state what all else leaves.</summary>
/// <remarks>
/// What a cached entry costs is an estimate, and connectors, the runtime and its garbage can't be counted at all; so what the kernel says decides. Below the limit there is a band in which the caches stay as they are; over it
/// garbage is collected first, then entries have to go. Used by the engine's thread, between two steps.
/// </remarks>
internal sealed class MemoryWatch(MemoryShares shares, StateStores states, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50), GiveUpEvery = TimeSpan.FromSeconds(1), CollectEvery = TimeSpan.FromSeconds(2);

    private readonly long _limit = shares.Bytes - shares.Bytes / 16;
    private long _looked = time.GetTimestamp(), _gaveUp = time.GetTimestamp();
    private long _allocated;    // as of the last collection
    private int _collections;

    /// <summary>Whether more than the limit was resident at the last look.</summary>
    public bool IsShort { get; private set; }

    /// <summary>Whether more than three quarters of the limit were resident at the last look.</summary>
    public bool IsTight { get; private set; }

    /// <summary>Looks, if it is time to.</summary>
    public void Look()
    {
        if (time.GetElapsedTime(_looked) < LookEvery) return;
        _looked = time.GetTimestamp();
        var resident = Environment.WorkingSet;
        if (resident > shares.Bytes / 2) CollectYoung();
        var (caches, most) = (states.CacheBytes, states.CacheBytesMax);
        IsShort = resident > _limit;
        IsTight = resident > _limit - _limit / 4;
        if (IsShort)
        {
            states.CacheBytesMax = Math.Max(shares.CachesAtLeast, Math.Min(caches, most));
            if (time.GetElapsedTime(_gaveUp) >= (caches > shares.CachesAtLeast ? GiveUpEvery : CollectEvery)) GiveUp(caches);
        }
        else if (_limit - resident - shares.Bytes / 16 is var room and > 0 && caches > most / 8 * 5)
        {
            states.CacheBytesMax = Math.Min(shares.Bytes, most + room / 4);
        }
    }

    // The collector lets as much garbage come as the processor's caches hold, which can be more than all our memory.
    private void CollectYoung()
    {
        var (allocated, collections) = (GC.GetTotalAllocatedBytes(precise: false), GC.CollectionCount(0));
        if (collections == _collections && allocated - _allocated < shares.Bytes / 16) return;
        if (collections == _collections) GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        (_allocated, _collections) = (allocated, GC.CollectionCount(0));
    }

    private void GiveUp(long caches)
    {
        _gaveUp = time.GetTimestamp();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeMemory.GiveBack();
        if (Environment.WorkingSet - _limit is var over and > 0)
            states.CacheBytesMax = Math.Max(shares.CachesAtLeast, Math.Min(caches, states.CacheBytesMax) - Math.Max(over, caches / 8));
    }
}
