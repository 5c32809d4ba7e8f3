using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Pathway.Storage;

/// <summary>Which shard a key belongs to. Used by one thread.</summary>
/// <typeparam name="TKey">The key.</typeparam>
public sealed class KeyShards<TKey>
{
    private readonly KeyCodec<TKey> _codec = KeyCodec<TKey>.Default;
    private readonly ByteBuffer _scratch = new(64);

    /// <summary>The shard of <paramref name="key"/>: a fixed hash of its encoded bytes.</summary>
    public byte Of(in TKey key)
    {
        // The most frequent keys without the calls of a codec: an exchange spent half of its time in them.
        if (typeof(TKey) == typeof(int)) return OfInt(Unsafe.As<TKey, int>(ref Unsafe.AsRef(in key)));
        if (typeof(TKey) == typeof(long)) return OfLong(Unsafe.As<TKey, long>(ref Unsafe.AsRef(in key)));
        _scratch.Clear();
        _codec.Write(in key, _scratch);
        return StateKey.Shard(_scratch.Span);
    }

    /// <summary>The shards of <paramref name="keys"/>; 0 for one that is null.</summary>
    public void Of(ReadOnlySpan<TKey> keys, Span<byte> shards)
    {
        for (var i = 0; i < keys.Length; i++) shards[i] = keys[i] is null ? (byte)0 : Of(in keys[i]);
    }

    private static byte OfInt(int key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key ^ int.MinValue);
        return StateKey.Shard(bytes);
    }

    private static byte OfLong(long key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key ^ long.MinValue);
        return StateKey.Shard(bytes);
    }
}
