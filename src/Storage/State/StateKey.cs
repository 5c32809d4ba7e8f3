using System.Buffers.Binary;
using System.IO.Hashing;

namespace Pathway.Storage;

/// <summary>The form of state keys: operator (u32, big endian), shard (u8), ordered key bytes.</summary>
internal static class StateKey
{
    /// <summary>Operator and shard.</summary>
    public const int PrefixBytes = 5;

    /// <summary>Appends the state key of <paramref name="key"/>; gives its length.</summary>
    public static int Append<TKey>(OperatorId id, KeyCodec<TKey> codec, in TKey key, ByteBuffer output)
    {
        var start = output.Length;
        BinaryPrimitives.WriteUInt32BigEndian(output.Extend(PrefixBytes), id.Value);
        codec.Write(in key, output);
        output.PatchByte(start + PrefixBytes - 1, Shard(output.Span[(start + PrefixBytes)..]));
        return output.Length - start;
    }

    /// <summary>The shard of a key: the low eight bits of the hash of its bytes. Fixed for ever.</summary>
    public static byte Shard(ReadOnlySpan<byte> key) => (byte)XxHash3.HashToUInt64(key);

    /// <summary>What all state keys of an operator begin with.</summary>
    public static byte[] Prefix(OperatorId id)
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, id.Value);
        return prefix;
    }
}
