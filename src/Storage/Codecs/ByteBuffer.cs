using System.Buffers;
using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>A growable run of bytes in pooled memory: what codecs write into.</summary>
/// <remarks>Used by one thread. What <see cref="Span"/> and <see cref="Memory"/> show is valid until the next write.</remarks>
public sealed class ByteBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes;
    private int _length;

    /// <summary>An empty buffer with room for <paramref name="capacity"/> bytes.</summary>
    public ByteBuffer(int capacity = 256) => _bytes = PooledBytes.Rent(capacity);

    /// <summary>How many bytes were written.</summary>
    public int Length => _length;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <summary>Forgets everything behind the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length);
        _length = length;
    }

    /// <summary>Forgets everything; keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Appends <paramref name="count"/> bytes that the caller fills.</summary>
    public Span<byte> Extend(int count)
    {
        var at = _length;
        if (_bytes.Length - at < count) Grow(count);
        _length = at + count;
        return _bytes.AsSpan(at, count);
    }

    /// <summary>Appends <paramref name="bytes"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    /// <summary>Appends one byte.</summary>
    public void Append(byte value)
    {
        if (_bytes.Length == _length) Grow(1);
        _bytes[_length++] = value;
    }

    /// <summary>Appends <paramref name="value"/> in groups of seven bits, lowest first.</summary>
    public void AppendVarint(ulong value)
    {
        while (value >= 0x80)
        {
            Append((byte)(value | 0x80));
            value >>= 7;
        }

        Append((byte)value);
    }

    /// <summary>Overwrites the four bytes at <paramref name="at"/> with <paramref name="value"/>, little endian: a length known only afterwards.</summary>
    internal void PatchInt32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at, 4), value);

    /// <summary>Overwrites the byte at <paramref name="at"/>.</summary>
    internal void PatchByte(int at, byte value) => _bytes[at] = value;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _length));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_bytes.Length - _length < Math.Max(sizeHint, 1)) Grow(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public void Dispose()
    {
        PooledBytes.Return(_bytes);
        (_bytes, _length) = ([], 0);
    }

    /// <summary>Reads what <see cref="AppendVarint"/> wrote and moves <paramref name="rest"/> behind it; false at a torn end.</summary>
    public static bool TryReadVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }

        return false;
    }

    private void Grow(int count)
    {
        var wanted = Math.Max((long)_length + count, Math.Min(2L * _bytes.Length, Array.MaxLength));
        var larger = PooledBytes.Rent(checked((int)wanted));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        PooledBytes.Return(_bytes);
        _bytes = larger;
    }
}
