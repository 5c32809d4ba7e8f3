using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Pathway.Connectors;

/// <summary>Goes along a line that is expected to have a known shape. Whatever isn't as expected makes it stop, and the line is read in the general way, which also says what is wrong.</summary>
internal ref struct JsonLineCursor(ReadOnlySpan<byte> line, JsonLineShape shape)
{
    /// <summary>The line has ended, as its shape has it.</summary>
    public const int AtEnd = -1;

    /// <summary>The line is of another shape.</summary>
    public const int Unexpected = -2;

    /// <summary>Longer numbers of whole digits may not fit.</summary>
    private const int DigitsMax = 18;

    private static readonly SearchValues<byte> EndsOfText = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(i => (byte)i)]);
    private static readonly SearchValues<byte> EndsOfScalar = SearchValues.Create(",} \t\r\n"u8);
    private readonly ReadOnlySpan<JsonLineShape.Step> _steps = shape.Steps;
    private readonly ReadOnlySpan<byte> _end = shape.End;
    private ReadOnlySpan<byte> _rest = line;
    private int _step;

    /// <summary>Goes to the next value of a member and gives the member's number; <see cref="AtEnd"/> or <see cref="Unexpected"/>.</summary>
    public int Next()
    {
        while (true)
        {
            if (_step == _steps.Length) return _rest.SequenceEqual(_end) ? AtEnd : Unexpected;
            ref readonly var step = ref _steps[_step++];
            if (!_rest.StartsWith(step.Before)) return Unexpected;
            _rest = _rest[step.Before.Length..];
            if (step.Member >= 0) return step.Member;
            if (!TryTakeScalar(out _)) return Unexpected;
        }
    }

    /// <summary>Reads a whole number.</summary>
    public bool TryReadInt64(out long value)
    {
        var (at, negative) = (0, false);
        value = 0;
        if (!_rest.IsEmpty && _rest[0] == (byte)'-') (at, negative) = (1, true);
        var first = at;
        for (; at < _rest.Length && (uint)(_rest[at] - '0') <= 9; at++)
        {
            if (at - first == DigitsMax) return false;
            value = (value * 10) + (_rest[at] - '0');
        }

        if (at == first || at == _rest.Length || (_rest[first] == (byte)'0' && at - first > 1) || _rest[at] is (byte)'.' or (byte)'e' or (byte)'E') return false;
        if (negative) value = -value;
        _rest = _rest[at..];
        return true;
    }

    /// <summary>Reads a whole number of 32 bits.</summary>
    public bool TryReadInt32(out int value)
    {
        var read = TryReadInt64(out var wide) && wide == (int)wide;
        value = (int)wide;
        return read;
    }

    /// <summary>Reads a decimal.</summary>
    public bool TryReadDecimal(out decimal value)
    {
        value = default;
        return TryTakeNumber(out var number) && Utf8Parser.TryParse(number, out value, out var length) && length == number.Length;
    }

    /// <summary>Reads a floating-point number.</summary>
    public bool TryReadDouble(out double value)
    {
        value = default;
        return TryTakeNumber(out var number) && Utf8Parser.TryParse(number, out value, out var length) && length == number.Length;
    }

    /// <summary>Reads true or false.</summary>
    public bool TryReadBoolean(out bool value)
    {
        value = _rest.StartsWith("true"u8);
        if (!value && !_rest.StartsWith("false"u8)) return false;
        _rest = _rest[(value ? 4 : 5)..];
        return true;
    }

    /// <summary>Reads a text without escapes.</summary>
    public bool TryReadString(out string value)
    {
        value = "";
        if (!TryTakeText(out var text)) return false;
        if (Ascii.IsValid(text)) value = Encoding.Latin1.GetString(text);
        else if (Utf8.IsValid(text)) value = Encoding.UTF8.GetString(text);
        else return false;
        return true;
    }

    /// <summary>Takes null, if it stands here.</summary>
    public bool TryReadNull()
    {
        if (!_rest.StartsWith("null"u8)) return false;
        _rest = _rest[4..];
        return true;
    }

    /// <summary>Reads a single value of any other type, in the general way.</summary>
    public bool TryReadOther<T>(out T value)
    {
        value = default!;
        var from = _rest;
        if (!TryTakeScalar(out var length)) return false;
        try
        {
            value = JsonSerializer.Deserialize<T>(from[..length], RowJson.Options)!;
            return true;
        }
        catch (JsonException)
        {
            return false; // the general way says it with its place in the line
        }
    }

    private bool TryTakeScalar(out int length)
    {
        length = 0;
        if (_rest.IsEmpty || _rest[0] is (byte)'{' or (byte)'[') return false;
        if (_rest[0] == (byte)'"')
        {
            if (!TryTakeText(out var text)) return false;
            length = text.Length + 2;
            return true;
        }

        length = _rest.IndexOfAny(EndsOfScalar);
        if (length <= 0) return false;
        var scalar = _rest[..length];
        if (!IsNumber(scalar) && !scalar.SequenceEqual("null"u8) && !scalar.SequenceEqual("true"u8) && !scalar.SequenceEqual("false"u8)) return false;
        _rest = _rest[length..];
        return true;
    }

    private bool TryTakeText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_rest.IsEmpty || _rest[0] != (byte)'"') return false;
        var end = _rest[1..].IndexOfAny(EndsOfText);
        if (end < 0 || _rest[1 + end] != (byte)'"') return false;
        text = _rest.Slice(1, end);
        _rest = _rest[(end + 2)..];
        return true;
    }

    private bool TryTakeNumber(out ReadOnlySpan<byte> number)
    {
        var length = _rest.IndexOfAny(EndsOfScalar);
        number = length > 0 ? _rest[..length] : default;
        if (!IsNumber(number)) return false;
        _rest = _rest[length..];
        return true;
    }

    // As JSON has it: no plus, no leading zeros, digits on both sides of the point.
    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("-"u8)) text = text[1..];
        var whole = Digits(text);
        if (whole == 0 || (whole > 1 && text[0] == (byte)'0')) return false;
        text = text[whole..];
        if (text.StartsWith("."u8))
        {
            var fraction = Digits(text[1..]);
            if (fraction == 0) return false;
            text = text[(1 + fraction)..];
        }

        if (text.IsEmpty) return true;
        if (text[0] is not ((byte)'e' or (byte)'E')) return false;
        text = text[1..];
        if (!text.IsEmpty && text[0] is (byte)'+' or (byte)'-') text = text[1..];
        return text.Length > 0 && Digits(text) == text.Length;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var other = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return other < 0 ? text.Length : other;
    }
}
