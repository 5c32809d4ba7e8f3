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
        _scratch.Clear();
        _codec.Write(in key, _scratch);
        return StateKey.Shard(_scratch.Span);
    }
}
