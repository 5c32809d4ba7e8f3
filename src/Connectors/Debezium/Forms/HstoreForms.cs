using System.Buffers;
using System.Text;

namespace Pathway.Connectors.Debezium;

/// <summary>hstore as the text of a JSON object.</summary>
internal sealed class HstoreJsonForm() : ColumnForm(ConnectSchema.Named(ConnectType.String, "io.debezium.data.Json"))
{
    /// <inheritdoc/>
    public override bool HasPlaceholder => true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => WriteObject(HstoreText.Read(text), ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii("{}"u8);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
        var text = Encoding.UTF8.GetString(placeholder);
        WriteObject([new(text, text)], ref output);
    }

    private static void WriteObject(List<KeyValuePair<string, string?>> entries, ref RecordOutput output)
    {
        var inner = new ArrayBufferWriter<byte>();
        var json = new RecordOutput(inner, Wire.Json);
        json.Raw("{"u8);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i > 0) json.Raw(","u8);
            json.Quoted(Encoding.UTF8.GetBytes(entries[i].Key), escapeSupplementary: false);
            json.Raw(":"u8);
            if (entries[i].Value is { } value) json.Quoted(Encoding.UTF8.GetBytes(value), escapeSupplementary: false);
            else json.Raw("null"u8);
        }

        json.Raw("}"u8);
        json.Flush();
        output.Text(inner.WrittenSpan);
    }
}

/// <summary>hstore as a map.</summary>
internal sealed class HstoreMapForm() : ColumnForm(ValueSchema)
{
    private static readonly ConnectSchema ValueSchema = new(ConnectType.Map)
    {
        Keys = new ConnectSchema(ConnectType.String), Items = new ConnectSchema(ConnectType.String) { IsOptional = true },
    };

    /// <inheritdoc/>
    public override bool HasPlaceholder => true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => WriteMap(HstoreText.Read(text), ref output);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => WriteMap([], ref output);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
        var text = Encoding.UTF8.GetString(placeholder);
        WriteMap([new(text, text)], ref output);
    }

    private static void WriteMap(List<KeyValuePair<string, string?>> entries, ref RecordOutput output)
    {
        output.BeginMap(entries.Count);
        foreach (var (key, value) in entries)
        {
            output.MapKey(key);
            if (value is null)
            {
                output.Null(ValueSchema.Items!);
                continue;
            }

            output.Present(ValueSchema.Items!);
            output.Text(Encoding.UTF8.GetBytes(value));
        }

        output.EndMap();
    }
}
