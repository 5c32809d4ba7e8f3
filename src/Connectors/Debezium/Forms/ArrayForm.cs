using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Arrays: their elements in the form of their type. The schema knows one dimension, so those with more are carried only where records have no schema.</summary>
internal sealed class ArrayForm : ColumnForm
{
    private readonly PgType _element;
    private readonly ColumnForm _form;
    private readonly DebeziumOptions _options;
    private readonly Action<string, string> _lost;

    /// <summary>The form of an array of <paramref name="element"/>, whose values <paramref name="form"/> writes.</summary>
    public ArrayForm(PgType element, ColumnForm form, DebeziumOptions options, Action<string, string> lost)
        : base(new ConnectSchema(ConnectType.Array) { Items = form.Schema with { IsOptional = element.Kind != 'e' } }) =>
        (_element, _form, _options, _lost) = (element, form, options, lost);

    private bool IsExact => _options.Compatibility == Compatibility.Exact;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var dimensions = text[text.IndexOf((byte)'{')..].IndexOfAnyExcept((byte)'{');
        var isLost = dimensions > 1 ? IsExact || _options.Schemas : _element.Kind == 'e' && HasNull(text);
        if (!isLost) WriteElements(text, ref output);
        else if (dimensions > 1 && IsExact) WriteNulls(text, ref output);
        else WriteLost(text, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref JsonOutput output) => output.Raw("[]"u8);

    /// <inheritdoc/>
    public override void WriteUnavailable(ReadOnlySpan<byte> placeholder, ref JsonOutput output)
    {
        switch (_element.Oid)
        {
            case PgTypes.Int4 or PgTypes.Int8 or PgTypes.Date:
                output.Raw("["u8);
                for (var i = 0; i < placeholder.Length; i++)
                {
                    if (i > 0) output.Raw(","u8);
                    output.Number((sbyte)placeholder[i]);
                }

                output.Raw("]"u8);
                break;
            case PgTypes.Uuid:
                WriteOne(NameBased(placeholder), ref output);
                break;
            case PgTypes.Bytea:
                output.Raw("["u8);
                output.Base64(placeholder);
                output.Raw("]"u8);
                break;
            case PgTypes.Text or PgTypes.Varchar or PgTypes.Json or PgTypes.Jsonb:
                WriteOne(placeholder, ref output);
                break;
            default:
                if (!IsExact && _form is TextForm && _element.Kind != 'e') WriteOne(placeholder, ref output);
                else output.Raw("null"u8);
                break;
        }
    }

    private static void WriteOne(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        output.Raw("["u8);
        output.Text(text);
        output.Raw("]"u8);
    }

    private void WriteElements(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var reader = new ArrayText(text);
        var isFirst = true;
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
        {
            if (token == ArrayText.Token.Close)
            {
                output.Raw("]"u8);
                isFirst = false;
                continue;
            }

            if (!isFirst) output.Raw(","u8);
            isFirst = token == ArrayText.Token.Open;
            switch (token)
            {
                case ArrayText.Token.Open: output.Raw("["u8); break;
                case ArrayText.Token.Null: output.Raw("null"u8); break;
                case ArrayText.Token.Plain: _form.Write(reader.Value, ref output); break;
                default: WriteQuoted(reader.Value, ref output); break;
            }
        }
    }

    private void WriteQuoted(ReadOnlySpan<byte> quoted, ref JsonOutput output)
    {
        if (quoted.IndexOf((byte)'\\') < 0)
        {
            _form.Write(quoted, ref output);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(quoted.Length);
        _form.Write(rented.AsSpan(0, ArrayText.Unescape(quoted, rented)), ref output);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static bool HasNull(ReadOnlySpan<byte> text)
    {
        var reader = new ArrayText(text);
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
            if (token == ArrayText.Token.Null) return true;
        return false;
    }

    /// <summary>As Debezium: a null for each inner array (for text, names of Java objects, which nobody can want).</summary>
    private static void WriteNulls(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        var reader = new ArrayText(text);
        var (depth, count) = (0, 0);
        output.Raw("["u8);
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
        {
            if (token == ArrayText.Token.Close) depth--;
            if (token != ArrayText.Token.Open || ++depth != 2) continue;
            output.Raw(count++ == 0 ? "null"u8 : ",null"u8);
        }

        output.Raw("]"u8);
    }

    private void WriteLost(ReadOnlySpan<byte> text, ref JsonOutput output)
    {
        _lost(Encoding.UTF8.GetString(text), "null");
        output.Raw("null"u8);
    }

    /// <summary>The UUID that Java makes of a name: its MD5, marked as version 3.</summary>
    private static byte[] NameBased(ReadOnlySpan<byte> name)
    {
        var hash = MD5.HashData(name);                            // not for secrecy: the form asks for it
        hash[6] = (byte)((hash[6] & 0x0F) | 0x30);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return Encoding.ASCII.GetBytes(new Guid(hash, bigEndian: true).ToString("D"));
    }
}
