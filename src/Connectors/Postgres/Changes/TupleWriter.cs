using System.Buffers;
using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Builds a tuple in the form of <see cref="TupleData"/>, value by value, at the end of a growing buffer.</summary>
/// <remarks>The buffer may move while it grows; take the memory when all tuples are written.</remarks>
internal sealed class TupleWriter(int capacity = 256) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int _tuple;

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes, until the next write.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Begins a tuple and gives its offset.</summary>
    public int Begin()
    {
        _tuple = Length;
        BinaryPrimitives.WriteInt16BigEndian(Reserve(2), 0);
        Length += 2;
        return _tuple;
    }

    /// <summary>NULL.</summary>
    public void Null() => Kind(TupleData.ValueKind.Null);

    /// <summary>A large value that was not sent.</summary>
    public void Unchanged() => Kind(TupleData.ValueKind.Unchanged);

    /// <summary>Any value as it stands in another tuple.</summary>
    public void Value(in TupleData.Value value)
    {
        if (value.Kind is TupleData.ValueKind.Null or TupleData.ValueKind.Unchanged) Kind(value.Kind);
        else value.Bytes.CopyTo(Bytes(value.Kind, value.Bytes.Length));
    }

    /// <summary>A text of at most <paramref name="lengthMax"/> bytes; write it to the span and say with <see cref="EndText"/> how long it became.</summary>
    public Span<byte> BeginText(int lengthMax) => Bytes(TupleData.ValueKind.Text, lengthMax);

    /// <summary>Ends what <see cref="BeginText"/> began, by cutting it to <paramref name="length"/>.</summary>
    public void EndText(int lengthMax, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(Length - lengthMax - 4), length);
        Length -= lengthMax - length;
    }

    /// <summary>Forgets what lies behind <paramref name="offset"/>.</summary>
    public void CutTo(int offset) => Length = offset;

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Kind(TupleData.ValueKind kind)
    {
        Count();
        Reserve(1)[0] = (byte)kind;
        Length++;
    }

    private Span<byte> Bytes(TupleData.ValueKind kind, int length)
    {
        Count();
        var room = Reserve(5 + length);
        room[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], length);
        Length += 5 + length;
        return room.Slice(5, length);
    }

    private void Count()
    {
        var count = _bytes.AsSpan(_tuple);
        BinaryPrimitives.WriteInt16BigEndian(count, checked((short)(BinaryPrimitives.ReadInt16BigEndian(count) + 1)));
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_bytes.Length * 2, Length + count)));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length, count);
    }
}
