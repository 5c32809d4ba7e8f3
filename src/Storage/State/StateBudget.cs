namespace Pathway.Storage;

/// <summary>The bytes that the caches of all workers may hold together. Any thread.</summary>
internal sealed class StateBudget(long bytes, int parts)
{
    private long _bytes = bytes;
    private long _used;

    /// <summary>The limit.</summary>
    public long Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }

    /// <summary>How many workers share it.</summary>
    public int Parts => parts;

    /// <summary>What all caches hold, as of each worker's last report.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>A worker's caches hold <paramref name="bytes"/> more, or less.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _used, bytes);
}
