using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Turns keys into bytes whose order is the order of the keys, and back.</summary>
/// <remarks>
/// Equal keys give equal bytes, different ones different bytes, and no key's bytes begin another's; so tuples and records keep their order member by member. Stateless and safe for many threads.
/// Strings are ordered by code point. What equality doesn't see is not in the bytes: the kind of a <see cref="DateTime"/>, the offset of a <see cref="DateTimeOffset"/>, the scale of a
/// <see cref="decimal"/>, the sign of a zero; see <see cref="IsExact"/>.
/// </remarks>
/// <typeparam name="T">The type of the key.</typeparam>
public abstract class KeyCodec<T>
{
    private static KeyCodec<T>? _default;

    /// <summary>The codec of the type, derived from it once.</summary>
    /// <exception cref="ConfigurationException">The type can't be a key; the message names the member and says what to use.</exception>
    public static KeyCodec<T> Default => _default ??= (KeyCodec<T>)KeyCodecs.For(typeof(T));

    /// <summary>Whether reading gives back all of a key, not only one that equals it.</summary>
    public abstract bool IsExact { get; }

    /// <summary>Appends the bytes of <paramref name="key"/>.</summary>
    public abstract void Write(in T key, ByteBuffer output);

    /// <summary>Reads a key from the beginning of <paramref name="rest"/> and moves it behind.</summary>
    public abstract T Read(ref ReadOnlySpan<byte> rest);
}
