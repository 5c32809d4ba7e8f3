using System.Buffers.Binary;
using System.Numerics;

namespace Pathway.Storage;

/// <summary>Count and chained checksums of a commit's records: what the closing record says, so that a record that is missing in the middle is noticed.</summary>
internal struct CommitChain
{
    /// <summary>Bytes of its stored form.</summary>
    public const int Size = 16;

    private ulong _count, _chain;

    /// <summary>Takes the next record's checksum in.</summary>
    public void Add(ulong checksum)
    {
        _count++;
        _chain = BitOperations.RotateLeft(_chain, 5) ^ checksum;
    }

    /// <summary>Writes its stored form.</summary>
    public readonly void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, _count);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], _chain);
    }

    /// <summary>Whether the stored form says the same.</summary>
    public readonly bool Equals(ReadOnlySpan<byte> stored) =>
        stored.Length == Size && BinaryPrimitives.ReadUInt64LittleEndian(stored) == _count && BinaryPrimitives.ReadUInt64LittleEndian(stored[8..]) == _chain;
}
