namespace Pathway.Storage;

/// <summary>A run of state keys: those of an operator, or of some shards of it.</summary>
/// <param name="Prefix">What all of them begin with.</param>
/// <param name="From">The first key that may be among them.</param>
/// <param name="End">The key behind them; null where only the prefix ends them.</param>
internal readonly record struct KeyRange(byte[] Prefix, byte[] From, byte[]? End)
{
    /// <summary>The keys of operator <paramref name="id"/> in <paramref name="shards"/>.</summary>
    public static KeyRange Of(OperatorId id, ShardRange shards)
    {
        var prefix = StateKey.Prefix(id);
        return new KeyRange(
            prefix,
            shards.First == 0 ? prefix : [.. prefix, (byte)shards.First],
            shards.End == ShardRange.Count ? null : [.. prefix, (byte)shards.End]);
    }
}
