using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pathway.Core;

/// <summary>Formatted rows for one target, in order, as the bytes that the commit log keeps.</summary>
/// <remarks>
/// <para>Form: for each row u32 length of what follows, u16 destination, u8 flags (1 key, 2 value, 4 headers), then u32 length and bytes of each of key, value, headers
/// that is there; little endian. The names of the destinations stand apart, in <see cref="Destinations"/>.</para>
/// <para>Order of calls for a row: <see cref="BeginRow"/>, <see cref="BeginKey"/> and the key's bytes, <see cref="BeginValue"/> and the value's bytes, <see cref="EndRow"/>; key and value may be left out.
/// The bytes are written through <see cref="IBufferWriter{T}"/>. One writer at a time.</para>
/// </remarks>
public sealed class OutputBuffer : IBufferWriter<byte>, IDisposable
{
    private const byte KeyFlag = 1, ValueFlag = 2, HeadersFlag = 4;
    private readonly List<string> _destinations = [];
    private readonly Dictionary<string, ushort> _numbers = new(StringComparer.Ordinal);
    private byte[] _bytes = PooledBytes.Rent(4096);
    private int _length;
    private int _row = -1;
    private int _section = -1;

    /// <summary>How many whole rows it holds.</summary>
    public int Rows { get; private set; }

    /// <summary>How many bytes were written, with those of a row that hasn't ended.</summary>
    public int Position => _length;

    /// <summary>The bytes of all whole rows.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _row < 0 ? _length : _row);

    /// <summary>The names of the destinations, by number.</summary>
    public IReadOnlyList<string> Destinations => _destinations;

    /// <summary>The number that stands for <paramref name="destination"/> in this buffer.</summary>
    public ushort Destination(string destination)
    {
        if (_numbers.TryGetValue(destination, out var number)) return number;
        number = checked((ushort)_destinations.Count);
        _destinations.Add(destination);
        _numbers.Add(destination, number);
        return number;
    }

    /// <summary>Begins a row for the destination of number <paramref name="destination"/>.</summary>
    public void BeginRow(ushort destination)
    {
        Check.That(_row < 0);
        Reserve(7);
        _row = _length;
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_length + 4), destination);
        _bytes[_length + 6] = 0;
        _length += 7;
    }

    /// <summary>What is written next is the key.</summary>
    public void BeginKey() => BeginSection(KeyFlag);

    /// <summary>What is written next is the value.</summary>
    public void BeginValue() => BeginSection(ValueFlag);

    /// <summary>Adds headers: after the value, before <see cref="EndRow"/>. Name and value of each header, u16 length and bytes, u32 length and bytes.</summary>
    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if ((_bytes[_row + 6] & HeadersFlag) == 0) BeginSection(HeadersFlag);
        var target = GetSpan(6 + name.Length + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target, checked((ushort)name.Length));
        name.CopyTo(target[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[(2 + name.Length)..], value.Length);
        value.CopyTo(target[(6 + name.Length)..]);
        _length += 6 + name.Length + value.Length;
    }

    /// <summary>Adds headers that are encoded already, as <see cref="OutputRow.Headers"/> has them.</summary>
    public void AddHeaders(ReadOnlySpan<byte> encoded)
    {
        if ((_bytes[_row + 6] & HeadersFlag) == 0) BeginSection(HeadersFlag);
        encoded.CopyTo(GetSpan(encoded.Length));
        _length += encoded.Length;
    }

    /// <summary>Ends the row and returns its size in bytes.</summary>
    public int EndRow()
    {
        EndSection();
        var size = _length - _row;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_row), size - 4);
        _row = -1;
        Rows++;
        return size;
    }

    /// <summary>Appends a row whose key and value are ready.</summary>
    public void Add(string destination, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasKey = true, bool hasValue = true)
    {
        BeginRow(Destination(destination));
        if (hasKey)
        {
            BeginKey();
            Write(key);
        }

        if (hasValue)
        {
            BeginValue();
            Write(value);
        }

        EndRow();
    }

    /// <summary>Appends all whole rows of <paramref name="other"/>.</summary>
    public void Append(OutputBuffer other)
    {
        Check.That(_row < 0);
        var bytes = other.Bytes.Span;
        Reserve(bytes.Length);
        var target = _bytes.AsSpan(_length, bytes.Length);
        bytes.CopyTo(target);
        _length += bytes.Length;
        Rows += other.Rows;
        var isSame = true;
        Span<ushort> numbers = other._destinations.Count <= 64 ? stackalloc ushort[other._destinations.Count] : new ushort[other._destinations.Count];
        for (var i = 0; i < numbers.Length; i++) isSame &= (numbers[i] = Destination(other._destinations[i])) == i;
        if (isSame) return;
        for (; !target.IsEmpty; target = target[(4 + BinaryPrimitives.ReadInt32LittleEndian(target))..])
            BinaryPrimitives.WriteUInt16LittleEndian(target[4..], numbers[BinaryPrimitives.ReadUInt16LittleEndian(target[4..])]);
    }

    /// <summary>Empties it; the destinations' numbers begin anew.</summary>
    public void Clear()
    {
        (_length, _row, _section, Rows) = (0, -1, -1, 0);
        _destinations.Clear();
        _numbers.Clear();
    }

    /// <summary>Appends bytes to the key or value that was begun.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 16));
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 16));
        return _bytes.AsSpan(_length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        PooledBytes.Return(_bytes);
        _bytes = [];
    }

    /// <summary>Reads the row at the beginning of <paramref name="bytes"/> and moves <paramref name="bytes"/> behind it.</summary>
    public static OutputRow Read(scoped ref ReadOnlySpan<byte> bytes, IReadOnlyList<string> destinations)
    {
        var size = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var row = bytes.Slice(4, size);
        bytes = bytes[(4 + size)..];
        var flags = row[2];
        var rest = row[3..];
        var key = Section(ref rest, (flags & KeyFlag) != 0);
        var value = Section(ref rest, (flags & ValueFlag) != 0);
        var headers = Section(ref rest, (flags & HeadersFlag) != 0);
        return new OutputRow
        {
            Destination = destinations[BinaryPrimitives.ReadUInt16LittleEndian(row)],
            HasKey = (flags & KeyFlag) != 0, Key = key, HasValue = (flags & ValueFlag) != 0, Value = value, Headers = headers,
        };
    }

    /// <summary>Reads one header at the beginning of <paramref name="headers"/> and moves behind it.</summary>
    public static (string Name, byte[] Value) ReadHeader(ref ReadOnlySpan<byte> headers)
    {
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(headers);
        var name = Encoding.UTF8.GetString(headers.Slice(2, nameLength));
        var valueLength = BinaryPrimitives.ReadInt32LittleEndian(headers[(2 + nameLength)..]);
        var value = headers.Slice(6 + nameLength, valueLength).ToArray();
        headers = headers[(6 + nameLength + valueLength)..];
        return (name, value);
    }

    private static ReadOnlySpan<byte> Section(scoped ref ReadOnlySpan<byte> rest, bool present)
    {
        if (!present) return default;
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var section = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return section;
    }

    private void BeginSection(byte flag)
    {
        Check.That(_row >= 0);
        EndSection();
        Reserve(4);
        _bytes[_row + 6] |= flag;
        _section = _length;
        _length += 4;
    }

    private void EndSection()
    {
        if (_section >= 0) BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_section), _length - _section - 4);
        _section = -1;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length >= count) return;
        var larger = PooledBytes.Rent(checked(Math.Max(_bytes.Length * 2, _length + count)));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        PooledBytes.Return(_bytes);
        _bytes = larger;
    }
}
