using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Writes single values as JSON, in the form that <see cref="RowJson"/> tells.</summary>
internal sealed class JsonValueWriter
{
    private const int LongestNumber = 64;
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = RowJson.Options.Encoder, SkipValidation = true };

    /// <summary>What stands in JSON as it is.</summary>
    private static readonly SearchValues<char> Unescaped = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(c => (char)c).Where(c => c is not ('"' or '\\'))]);

    private Utf8JsonWriter? _writer;

    /// <summary>Whether there is a <c>Write</c> for the type.</summary>
    public static bool IsPlain(Type type) => type == typeof(long) || type == typeof(int) || type == typeof(string) || type == typeof(decimal) || type == typeof(bool);

    public void WriteBefore(byte[] bytes, OutputBuffer output) => output.Write(bytes);

    public void Write(int value, OutputBuffer output) => Write((long)value, output);

    public void Write(long value, OutputBuffer output)
    {
        var fits = value.TryFormat(output.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        Check.That(fits);
        output.Advance(written);
    }

    public void Write(decimal value, OutputBuffer output)
    {
        var fits = value.TryFormat(output.GetSpan(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        Check.That(fits);
        output.Advance(written);
    }

    public void Write(bool value, OutputBuffer output) => output.Write(value ? "true"u8 : "false"u8);

    public void Write(string? value, OutputBuffer output)
    {
        if (value is null || value.AsSpan().ContainsAnyExcept(Unescaped))
        {
            WriteOther(in value, output);
            return;
        }

        var target = output.GetSpan(value.Length + 2);
        target[0] = (byte)'"';
        Encoding.Latin1.GetBytes(value, target[1..]);
        target[value.Length + 1] = (byte)'"';
        output.Advance(value.Length + 2);
    }

    /// <summary>Any other value.</summary>
    public void WriteOtherValue<T>(T value, OutputBuffer output) => WriteOther(in value, output);

    /// <inheritdoc cref="WriteOtherValue"/>
    public void WriteOther<T>(in T value, IBufferWriter<byte> output)
    {
        if (_writer is null) _writer = new Utf8JsonWriter(output, WriterOptions);
        else _writer.Reset(output);
        JsonSerializer.Serialize(_writer, value, RowJson.Options);
        _writer.Flush();
    }
}
