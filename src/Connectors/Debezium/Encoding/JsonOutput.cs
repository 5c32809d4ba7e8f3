using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes JSON in the form of Kafka Connect's JsonConverter into a buffer.</summary>
/// <remarks>What was written reaches the buffer with <see cref="Flush"/>; between two of them nobody else may write to it.</remarks>
internal ref struct JsonOutput(IBufferWriter<byte> buffer)
{
    // What can't stand in a JSON string as it is; and four-byte sequences, which Jackson writes into bytes as escaped surrogates (but not into characters).
    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Bytes(0, 0x20), (byte)'"', (byte)'\\']);
    private static readonly SearchValues<byte> SpecialOrSupplementary = SearchValues.Create([.. Bytes(0, 0x20), (byte)'"', (byte)'\\', .. Bytes(0xF0, 0x10)]);

    private readonly IBufferWriter<byte> _buffer = buffer;
    private Span<byte> _span;
    private int _length;

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
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes a number.</summary>
    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, Room(20), out var written);
        _length += written;
    }

    /// <summary>Writes a string in quotes, escaped where it must be.</summary>
    public void Text(ReadOnlySpan<byte> utf8, bool escapeSupplementary = true)
    {
        var escaped = escapeSupplementary ? SpecialOrSupplementary : Special;
        var room = Room(utf8.Length + 2);
        room[0] = (byte)'"';
        utf8.CopyTo(room[1..]);
        var special = utf8.IndexOfAny(escaped);
        if (special < 0)
        {
            room[utf8.Length + 1] = (byte)'"';
            _length += utf8.Length + 2;
            return;
        }

        _length += 1 + special;
        Escape(utf8[special..], escaped);
        Raw("\""u8);
    }

    /// <summary>Writes bytes as base64 in quotes.</summary>
    public void Base64(scoped ReadOnlySpan<byte> bytes)
    {
        var room = Room(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length) + 2);
        room[0] = (byte)'"';
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, room[1..], out _, out var written);
        room[written + 1] = (byte)'"';
        _length += written + 2;
    }

    private void Escape(ReadOnlySpan<byte> utf8, SearchValues<byte> escaped)
    {
        while (!utf8.IsEmpty)
        {
            utf8 = utf8[EscapeOne(utf8)..];
            var special = utf8.IndexOfAny(escaped);
            var plain = special < 0 ? utf8 : utf8[..special];
            Raw(plain);
            utf8 = utf8[plain.Length..];
        }
    }

    private int EscapeOne(ReadOnlySpan<byte> utf8)
    {
        var first = utf8[0];
        if (first >= 0xF0) return EscapeSupplementary(utf8);
        switch (first)
        {
            case (byte)'"': Raw("\\\""u8); break;
            case (byte)'\\': Raw("\\\\"u8); break;
            case (byte)'\b': Raw("\\b"u8); break;
            case (byte)'\f': Raw("\\f"u8); break;
            case (byte)'\n': Raw("\\n"u8); break;
            case (byte)'\r': Raw("\\r"u8); break;
            case (byte)'\t': Raw("\\t"u8); break;
            default: EscapeUnit(first); break;
        }

        return 1;
    }

    private int EscapeSupplementary(ReadOnlySpan<byte> utf8)
    {
        if (System.Text.Rune.DecodeFromUtf8(utf8, out var rune, out var consumed) != OperationStatus.Done)
            throw new BadDataException("A text value isn't UTF-8, which Postgres guarantees for client_encoding UTF8; the connection's encoding must be UTF8.");
        Span<char> units = stackalloc char[2];
        rune.EncodeToUtf16(units);
        EscapeUnit(units[0]);
        EscapeUnit(units[1]);
        return consumed;
    }

    private void EscapeUnit(int unit)
    {
        var room = Room(6);
        room[0] = (byte)'\\';
        room[1] = (byte)'u';
        for (var i = 0; i < 4; i++) room[2 + i] = "0123456789ABCDEF"u8[(unit >> (12 - (4 * i))) & 0xF];
        _length += 6;
    }

    private static IEnumerable<byte> Bytes(int first, int count) => Enumerable.Range(first, count).Select(value => (byte)value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        Flush();
        _span = _buffer.GetSpan(Math.Max(count, 512));
    }
}
