using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads arrays as Postgres prints them: {1,NULL,"a b"}, {{1,2},{3,4}}, [2:3]={5,6}.</summary>
internal ref struct ArrayText(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = WithoutBounds(text);

    /// <summary>What stands at a place of an array.</summary>
    public enum Token
    {
        /// <summary>The array is over.</summary>
        None,

        /// <summary>An array begins.</summary>
        Open,

        /// <summary>An array ends.</summary>
        Close,

        /// <summary>NULL.</summary>
        Null,

        /// <summary>A value that is written as it is.</summary>
        Plain,

        /// <summary>A value in quotes, with a backslash before quotes and backslashes.</summary>
        Quoted,
    }

    /// <summary>The value that <see cref="Next"/> reached, as it is written.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes on to the next place.</summary>
    public Token Next()
    {
        if (!_rest.IsEmpty && _rest[0] == ',') _rest = _rest[1..];
        if (_rest.IsEmpty) return Token.None;
        switch (_rest[0])
        {
            case (byte)'{':
                _rest = _rest[1..];
                return Token.Open;
            case (byte)'}':
                _rest = _rest[1..];
                return Token.Close;
            case (byte)'"':
                return TakeQuoted();
            default:
                var end = _rest.IndexOfAny((byte)',', (byte)'}');
                if (end < 0) throw Unreadable();
                Value = _rest[..end];
                _rest = _rest[end..];
                return Value.SequenceEqual("NULL"u8) ? Token.Null : Token.Plain;
        }
    }

    /// <summary>Takes the backslashes of a quoted value off; returns the length.</summary>
    public static int Unescape(ReadOnlySpan<byte> quoted, Span<byte> value)
    {
        var length = 0;
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\') i++;
            value[length++] = quoted[i];
        }

        return length;
    }

    private Token TakeQuoted()
    {
        for (var i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == '\\') i++;
            else if (_rest[i] == '"')
            {
                Value = _rest[1..i];
                _rest = _rest[(i + 1)..];
                return Token.Quoted;
            }
        }

        throw Unreadable();
    }

    private static ReadOnlySpan<byte> WithoutBounds(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOf((byte)'{');
        return start >= 0 ? text[start..] : throw Unreadable();
    }

    private static BadDataException Unreadable() => new("An array isn't in the form that Postgres prints: {1,NULL,\"a b\"}.");
}
