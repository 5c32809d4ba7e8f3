using MessagePack;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Turns rows into bytes and back: the number of the schema (varint), then positional MessagePack.</summary>
/// <remarks>Equal bytes for rows that are the same in every part; nothing is lost. Stateless and safe for many threads.</remarks>
/// <typeparam name="T">The type of the row.</typeparam>
public sealed class RowCodec<T>
{
    /// <summary>The number of the schema that rows are written under.</summary>
    /// <remarks>The seam for changes of row types: each schema that a state was ever written under has a number, and a reader by that number.</remarks>
    internal const ulong CurrentSchema = 1;

    private static RowCodec<T>? _default;

    private readonly MemberCodec<T> _current;

    private RowCodec(MemberCodec<T> current) => _current = current;

    /// <summary>The codec of the type, derived from it once.</summary>
    /// <exception cref="ConfigurationException">The type can't be a row; the message names the member and says what to use.</exception>
    public static RowCodec<T> Default => _default ??= new((MemberCodec<T>)MemberCodecs.For(typeof(T)));

    /// <summary>Appends the bytes of <paramref name="row"/>.</summary>
    public void Write(in T row, ByteBuffer output)
    {
        output.Append((byte)CurrentSchema);
        var writer = new MessagePackWriter(output);
        _current.Write(ref writer, in row);
        writer.Flush();
    }

    /// <summary>Reads the row that <paramref name="bytes"/> begin with.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="length">How many of them the row has.</param>
    /// <exception cref="RefusalException">The bytes are no row of this type.</exception>
    public T Read(ReadOnlyMemory<byte> bytes, out int length)
    {
        var rest = bytes.Span;
        if (!ByteBuffer.TryReadVarint(ref rest, out var schema)) throw Unreadable("no bytes");
        var codec = ReaderOf(schema);
        var reader = new MessagePackReader(bytes[^rest.Length..]);
        try
        {
            var row = codec.Read(ref reader);
            length = bytes.Length - rest.Length + (int)reader.Consumed;
            return row;
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw Unreadable(e.Message);
        }
    }

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, out int)"/>
    public T Read(ReadOnlyMemory<byte> bytes) => Read(bytes, out _);

    private MemberCodec<T> ReaderOf(ulong schema) => schema == CurrentSchema ? _current : throw Unreadable($"schema {schema}");

    private static RefusalException Unreadable(string found) => new(
        $"a stored row of {TypeText.Of(typeof(T))} can't be read", found, $"schema {CurrentSchema}: {RowSchema.Of(typeof(T))}", "Start the program that wrote the state, or restore a snapshot.");
}
