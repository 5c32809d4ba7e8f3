using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A change as one JSON object: the row's members, then <c>"time"</c> (the epoch) and <c>"diff"</c> (how often it came or went). A row that is no object stands as <c>"row"</c>.</summary>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class JsonChangeFormatter<TRow> : IChangeFormatter<TRow>
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = RowJson.Options.Encoder, SkipValidation = true };
    private readonly string _destination;
    private readonly ArrayBufferWriter<byte> _row = new();
    private readonly Utf8JsonWriter _writer;

    /// <summary>For one file, topic or table.</summary>
    /// <param name="destination">Its name.</param>
    /// <exception cref="ConfigurationException">The row has a member <c>time</c> or <c>diff</c>.</exception>
    public JsonChangeFormatter(string destination)
    {
        (_destination, _writer) = (destination, new Utf8JsonWriter(_row, WriterOptions));
        var type = RowJson.Options.GetTypeInfo(typeof(TRow));
        if (type.Kind == JsonTypeInfoKind.Object && type.Properties.FirstOrDefault(p => p.Name is "time" or "diff") is { } taken)
            throw new ConfigurationException($"The row type {typeof(TRow).Name} has a member that stands as '{taken.Name}' in JSON, where the change's own '{taken.Name}' goes. Select it under another name before the sink.");
    }

    /// <inheritdoc/>
    public void Format(in TRow row, long weight, Epoch time, OutputBuffer output)
    {
        _row.ResetWrittenCount();
        _writer.Reset(_row);
        JsonSerializer.Serialize(_writer, row, RowJson.Options);
        _writer.Flush();
        output.BeginRow(output.Destination(_destination));
        output.BeginValue();
        WriteMembers(_row.WrittenSpan, output);
        output.Write("\"time\":"u8);
        WriteNumber((long)time.Value, output);
        output.Write(",\"diff\":"u8);
        WriteNumber(weight, output);
        output.Write("}"u8);
        output.EndRow();
    }

    private static void WriteMembers(ReadOnlySpan<byte> row, OutputBuffer output)
    {
        if (row[0] != (byte)'{')
        {
            output.Write("{\"row\":"u8);
            output.Write(row);
            output.Write(","u8);
            return;
        }

        output.Write(row[..^1]);
        if (row.Length > 2) output.Write(","u8);
    }

    private static void WriteNumber(long number, OutputBuffer output)
    {
        var fits = number.TryFormat(output.GetSpan(20), out var written, default, System.Globalization.CultureInfo.InvariantCulture);
        Check.That(fits);
        output.Advance(written);
    }
}
