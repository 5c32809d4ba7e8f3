using System.Buffers;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes the headers of records.</summary>
/// <remarks>Kept as bytes: those that say which connector wrote a record; made for each record: the other key of a change of the key, and parts of the envelope.</remarks>
internal sealed class HeaderEncoder
{
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private readonly HeaderForm _form;
    private readonly byte[] _context;

    /// <summary>Makes it for one start of a formatter.</summary>
    public HeaderEncoder(DebeziumOptions options, Guid run)
    {
        _form = options.Headers;
        if (!options.ContextHeaders)
        {
            _context = [];
            return;
        }

        using var buffer = new OutputBuffer();
        buffer.BeginRow(buffer.Destination(""));
        Add(buffer, "__debezium.context.connectorLogicalName", options.TopicPrefix);
        Add(buffer, "__debezium.context.taskId", "0");
        Add(buffer, "__debezium.context.connectorName", "postgresql");
        Add(buffer, "__debezium.context.runId", run.ToString("D"));
        buffer.EndRow();
        var bytes = buffer.Bytes.Span;
        _context = OutputBuffer.Read(ref bytes, buffer.Destinations).Headers.ToArray();
    }

    /// <summary>How values are written.</summary>
    public Wire Wire => _form == HeaderForm.Simple ? Wire.Header : Wire.Json;

    /// <summary>Adds the headers that say which connector wrote the record.</summary>
    public void AddContext(OutputBuffer output)
    {
        if (_context.Length > 0) output.AddHeaders(_context);
    }

    /// <summary>Adds a header.</summary>
    /// <param name="output">The record.</param>
    /// <param name="name">Its name.</param>
    /// <param name="schema">The schema of its value.</param>
    /// <param name="write">Writes the value.</param>
    public void Add(OutputBuffer output, ReadOnlySpan<byte> name, ConnectSchema schema, WriteSection write)
    {
        _scratch.ResetWrittenCount();
        var json = new RecordOutput(_scratch, Wire);
        if (_form == HeaderForm.Json)
        {
            json.Raw("{\"schema\":"u8);
            JsonSchemaText.Write(schema, ref json);
            json.Raw(",\"payload\":"u8);
        }

        write(ref json);
        if (_form == HeaderForm.Json) json.Raw("}"u8);
        json.Flush();
        var value = _scratch.WrittenSpan;

        // A text alone has no quotes in Connect's plain form of headers.
        output.AddHeader(name, _form == HeaderForm.Simple && schema.Type == ConnectType.String ? value[1..^1] : value);
    }

    private void Add(OutputBuffer output, string name, string value) =>
        Add(output, Section.Utf8(name), new ConnectSchema(ConnectType.String), (ref json) => json.Text(Section.Utf8(value)));
}
