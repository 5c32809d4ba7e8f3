namespace Pathway.Connectors;

/// <summary>Draws numbers that look like chance and are the same for ever, on every machine: the last step of SplitMix64 over what they depend on.</summary>
internal static class Draw
{
    /// <summary>A number that depends on all four.</summary>
    public static ulong From(long seed, long first, long second, int purpose) =>
        Mix(Mix(Mix((ulong)seed + 0x9E37_79B9_7F4A_7C15UL * (ulong)purpose) + (ulong)first) + (ulong)second);

    private static ulong Mix(ulong x)
    {
        x += 0x9E37_79B9_7F4A_7C15UL;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return x ^ (x >> 31);
    }
}
