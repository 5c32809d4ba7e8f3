using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>What a commit changed in the state, as bytes: key length (u32), key, value length (i32, -1 for deleted), value; repeated. Lengths are little endian.</summary>
/// <remarks>Growable, in pooled memory; used by one thread at a time. <see cref="Bytes"/> is valid until the next change.</remarks>
public sealed class StateChanges : IDisposable
{
    private readonly ByteBuffer _buffer = new(4096);

    /// <summary>Everything that was put and deleted, in the order of the calls.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.Memory;

    /// <summary>How many entries <see cref="Bytes"/> has.</summary>
    public int Entries { get; private set; }

    /// <summary>Where entries are written to directly.</summary>
    internal ByteBuffer Buffer => _buffer;

    /// <summary>The entry under <paramref name="key"/> is now <paramref name="value"/>.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var entry = BeginEntry();
        _buffer.Append(key);
        var at = EndKey(entry);
        _buffer.Append(value);
        EndValue(at);
    }

    /// <summary>Nothing stands under <paramref name="key"/> any more.</summary>
    public void Delete(ReadOnlySpan<byte> key)
    {
        var entry = BeginEntry();
        _buffer.Append(key);
        EndDelete(entry);
    }

    /// <summary>Forgets all entries; keeps the memory.</summary>
    public void Clear()
    {
        _buffer.Clear();
        Entries = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Reads the next entry and moves <paramref name="rest"/> behind it; false at the end.</summary>
    /// <exception cref="RefusalException">The bytes don't end where an entry ends.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value, out bool isDelete)
    {
        key = value = default;
        isDelete = false;
        if (rest.IsEmpty) return false;
        key = Take(ref rest, ReadLength(ref rest));
        var valueLength = ReadLength(ref rest);
        isDelete = valueLength == -1;
        if (!isDelete) value = Take(ref rest, valueLength);
        return true;
    }

    /// <summary>Begins an entry; the key's bytes are written to <see cref="Buffer"/> next.</summary>
    internal int BeginEntry()
    {
        var at = _buffer.Length;
        _buffer.Extend(4);
        return at;
    }

    /// <summary>Ends the key; the value's bytes are written next.</summary>
    internal int EndKey(int entry)
    {
        var at = _buffer.Length;
        _buffer.PatchInt32(entry, at - entry - 4);
        _buffer.Extend(4);
        return at;
    }

    /// <summary>Ends the entry; gives the length of its value.</summary>
    internal int EndValue(int at)
    {
        var length = _buffer.Length - at - 4;
        _buffer.PatchInt32(at, length);
        Entries++;
        return length;
    }

    /// <summary>Ends the entry as a deletion.</summary>
    internal void EndDelete(int entry)
    {
        var at = EndKey(entry);
        _buffer.PatchInt32(at, -1);
        Entries++;
    }

    private static int ReadLength(ref ReadOnlySpan<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, 4));
        if (length < -1) Torn(length);
        return length;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length)
    {
        if ((uint)length > (uint)rest.Length) Torn(length);
        var taken = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(rest), length);
        rest = rest[length..];
        return taken;
    }

    private static void Torn(int length) => throw new RefusalException(
        "the state changes of a commit can't be read", $"an entry of {length} bytes where fewer are left", "whole entries", "Restore the state directory from a snapshot.");
}
