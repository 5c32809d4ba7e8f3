using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Parsers of usual forms.</summary>
public static class Parsers
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Text in UTF-8.</summary>
    public static IParser<string> Text { get; } = new Delegated<string>(static bytes =>
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw new FormatException("it isn't text in UTF-8");
        }
    });

    /// <summary>The bytes as they are.</summary>
    public static IParser<ValueList<byte>> Bytes { get; } = new Delegated<ValueList<byte>>(static bytes => ValueList.Of(bytes));

    /// <summary>A JSON value with the members of <typeparamref name="T"/> (<see cref="RowJson"/>): unknown members are left out, missing and null ones are errors unless the type allows them.</summary>
    /// <typeparam name="T">The row, or the key.</typeparam>
    public static IParser<T> Json<T>() => new JsonParser<T>();

    private delegate T Parse<out T>(ReadOnlySpan<byte> bytes);

    private sealed class Delegated<T>(Parse<T> parse) : IParser<T>
    {
        public T Parse(ReadOnlySpan<byte> bytes) => parse(bytes);
    }

    private sealed class JsonParser<T> : IParser<T>
    {
        private readonly JsonRowReader<T> _reader = new();

        public T Parse(ReadOnlySpan<byte> bytes)
        {
            try
            {
                return _reader.Read(bytes);
            }
            catch (JsonException e)
            {
                throw new FormatException(e.Message.TrimEnd('.'), e);
            }
        }
    }
}
