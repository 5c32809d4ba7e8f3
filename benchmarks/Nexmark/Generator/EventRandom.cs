namespace Pathway.Nexmark.Generator;

/// <summary>SplitMix64: each event has a stream of its own, which its number and the seed give.</summary>
internal struct EventRandom(ulong seed, long number)
{
    private const ulong Phi = 0x9E3779B97F4A7C15;
    private ulong _state = Mix(unchecked(seed + ((ulong)(number + 1) * Phi)));

    /// <summary>64 random bits.</summary>
    public ulong Next() => Mix(_state = unchecked(_state + Phi));

    /// <summary>A number from 0 to <paramref name="limit"/> - 1.</summary>
    public long Below(long limit) => (long)(Next() >> 33) % limit;

    /// <summary>A price in cents: six decades alike, uniform inside of one.</summary>
    public long Price()
    {
        long decade = 1;
        for (var d = Below(6); d > 0; d--) decade *= 10;
        return (100 * decade) + Below(900 * decade);
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
