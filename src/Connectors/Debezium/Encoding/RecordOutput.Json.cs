using System.Buffers;
using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <content>JSON as Jackson writes it.</content>
internal ref partial struct RecordOutput
{
    // What can't stand in a JSON string as it is; and four-byte sequences, which Jackson writes into bytes as escaped surrogates (but not into characters).
    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Range(0, 0x20), (byte)'"', (byte)'\\']);
    private static readonly SearchValues<byte> SpecialOrSupplementary = SearchValues.Create([.. Range(0, 0x20), (byte)'"', (byte)'\\', .. Range(0xF0, 0x10)]);

    private static readonly SearchValues<byte> QuotesAndBackslashes = SearchValues.Create((byte)'"', (byte)'\\');

    /// <summary>Writes a JSON string, escaped where it must be.</summary>
    public void Quoted(scoped ReadOnlySpan<byte> utf8, bool escapeSupplementary) => Quoted(utf8, escapeSupplementary ? SpecialOrSupplementary : Special);

    private void Quoted(scoped ReadOnlySpan<byte> utf8, SearchValues<byte> escaped)
    {
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

    private void Base64Quoted(scoped ReadOnlySpan<byte> bytes)
    {
        var room = Room(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length) + 2);
        room[0] = (byte)'"';
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, room[1..], out _, out var written);
        room[written + 1] = (byte)'"';
        _length += written + 2;
    }

    /// <summary>Writes a number as a floating-point one: "1" as 1.0; NaN, Infinity and -Infinity, which JSON doesn't know, in quotes.</summary>
    private void JsonFloat(scoped ReadOnlySpan<byte> text, bool isSingle)
    {
        if (text[^1] is (byte)'N' or (byte)'y')
        {
            Ascii(text);
            return;
        }

        // Java writes two digits at least (1.4E-45); whoever reads the number into a double would get another one from 1e-45.
        if (isSingle && text.Length is 5 or 6 && text[^4..^1].SequenceEqual("e-4"u8))
        {
            var number = float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (!number.TryFormat(Room(24), out var written, "0.0E-0", CultureInfo.InvariantCulture)) throw new InvariantException("A number of two digits didn't fit.");
            _length += written;
            return;
        }

        Raw(text);
        if (text.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0) Raw(".0"u8);
    }

    private void Escape(scoped ReadOnlySpan<byte> utf8, SearchValues<byte> escaped)
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

    private int EscapeOne(scoped ReadOnlySpan<byte> utf8)
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

    private int EscapeSupplementary(scoped ReadOnlySpan<byte> utf8)
    {
        if (Rune.DecodeFromUtf8(utf8, out var rune, out var consumed) != OperationStatus.Done)
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

    private static IEnumerable<byte> Range(int first, int count) => Enumerable.Range(first, count).Select(value => (byte)value);
}
