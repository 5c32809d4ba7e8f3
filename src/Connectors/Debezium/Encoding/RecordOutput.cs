using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes values of Connect's data model into a buffer, as JSON or as Avro. What writes a value needs not know which.</summary>
/// <remarks>What was written reaches the buffer with <see cref="Flush"/>; between two of them nobody else may write to it.</remarks>
internal ref partial struct RecordOutput(IBufferWriter<byte> buffer, Wire wire)
{
    private readonly IBufferWriter<byte> _buffer = buffer;
    private Span<byte> _span;
    private int _length;
    private bool _isFirst;

    /// <summary>What is written.</summary>
    public readonly Wire Wire => wire;

    /// <summary>Whether Avro is written.</summary>
    public readonly bool IsAvro => wire == Wire.Avro;

    /// <summary>Hands what was written to the buffer.</summary>
    public void Flush()
    {
        if (_length > 0) _buffer.Advance(_length);
        _span = default;
        _length = 0;
    }

    /// <summary>Room for at least <paramref name="count"/> bytes, to be followed by <see cref="Advance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int count)
    {
        if (_span.Length - _length < count) Grow(count);
        return _span[_length..];
    }

    /// <summary>The first <paramref name="count"/> bytes of the room are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count) => _length += count;

    /// <summary>Writes bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes what only JSON has: braces, commas, names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Mark(scoped ReadOnlySpan<byte> json)
    {
        if (!IsAvro) Raw(json);
    }

    /// <summary>Writes a whole number.</summary>
    public void Number(long value)
    {
        if (IsAvro)
        {
            VarInt(value);
            return;
        }

        Utf8Formatter.TryFormat(value, Room(20), out var written);
        _length += written;
    }

    /// <summary>Writes a whole number that Postgres prints as JSON does.</summary>
    public void Integer(scoped ReadOnlySpan<byte> text)
    {
        if (!IsAvro) Raw(text);
        else if (Utf8Parser.TryParse(text, out long value, out var consumed) && consumed == text.Length) VarInt(value);
        else throw new BadDataException("A value of an integer type isn't a whole number as Postgres prints it.");
    }

    /// <summary>Writes true or false.</summary>
    public void Boolean(bool value)
    {
        if (IsAvro) Raw(value ? [1] : [0]);
        else Raw(value ? "true"u8 : "false"u8);
    }

    /// <summary>Writes a string.</summary>
    public void Text(scoped ReadOnlySpan<byte> utf8)
    {
        if (IsAvro) Sized(utf8);
        else if (wire == Wire.Header) Quoted(utf8, QuotesAndBackslashes);
        else Quoted(utf8, escapeSupplementary: true);
    }

    /// <summary>Writes a string that has nothing in it to escape.</summary>
    public void Ascii(scoped ReadOnlySpan<byte> text)
    {
        if (IsAvro)
        {
            Sized(text);
            return;
        }

        var room = Room(text.Length + 2);
        room[0] = (byte)'"';
        text.CopyTo(room[1..]);
        room[text.Length + 1] = (byte)'"';
        _length += text.Length + 2;
    }

    /// <summary>Writes bytes: in JSON as base64.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (IsAvro) Sized(bytes);
        else Base64Quoted(bytes);
    }

    /// <summary>Writes a number of single precision from the text of Postgres.</summary>
    public void Single(scoped ReadOnlySpan<byte> text)
    {
        if (!IsAvro)
        {
            JsonFloat(text, isSingle: true);
            return;
        }

        var value = float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteInt32LittleEndian(Room(4), JavaDouble.Bits(value));
        _length += 4;
    }

    /// <summary>Writes a number of double precision from the text of Postgres.</summary>
    public void Double(scoped ReadOnlySpan<byte> text)
    {
        if (!IsAvro)
        {
            JsonFloat(text, isSingle: false);
            return;
        }

        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteInt64LittleEndian(Room(8), JavaDouble.Bits(value));
        _length += 8;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        Flush();
        _span = _buffer.GetSpan(Math.Max(count, 512));
    }
}
