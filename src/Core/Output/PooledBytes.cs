using System.Buffers;

namespace Pathway.Core;

/// <summary>Arrays for buffers that grow. The pool would keep what was outgrown, of every size; so it has small ones alone, and a large one is kept by its owner and used again.</summary>
internal static class PooledBytes
{
    private const int PooledUpTo = 1 << 20;

    /// <summary>An array with room for <paramref name="count"/> bytes; what is in it is anything.</summary>
    public static byte[] Rent(int count) => count <= PooledUpTo ? ArrayPool<byte>.Shared.Rent(count) : GC.AllocateUninitializedArray<byte>(count);

    /// <summary>Gives one back that isn't used any more.</summary>
    public static void Return(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= PooledUpTo) ArrayPool<byte>.Shared.Return(bytes);
    }
}
