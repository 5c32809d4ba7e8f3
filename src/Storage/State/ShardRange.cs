namespace Pathway.Storage;

/// <summary>Shards that lie side by side: what one worker owns.</summary>
/// <param name="First">The first one, from 0.</param>
/// <param name="End">The one behind the last, up to <see cref="Count"/>.</param>
public readonly record struct ShardRange(int First, int End)
{
    /// <summary>How many shards there are, fixed for ever.</summary>
    public const int Count = 256;

    /// <summary>All shards.</summary>
    public static ShardRange All => new(0, Count);

    /// <summary>The shards of worker <paramref name="worker"/> of <paramref name="workers"/>.</summary>
    public static ShardRange Of(int worker, int workers) => new(FirstOf(worker, workers), FirstOf(worker + 1, workers));

    /// <summary>The worker of <paramref name="workers"/> that owns <paramref name="shard"/>.</summary>
    public static int OwnerOf(byte shard, int workers) => shard * workers / Count;

    private static int FirstOf(int worker, int workers) => (worker * Count + workers - 1) / workers;
}
