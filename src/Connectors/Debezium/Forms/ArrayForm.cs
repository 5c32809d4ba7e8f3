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
    private readonly bool _hasSchemas;
    private readonly LossReport _loss;

    /// <summary>The form of an array of <paramref name="element"/>, whose values <paramref name="form"/> writes.</summary>
    public ArrayForm(PgType element, ColumnForm form, DebeziumOptions options, bool hasSchemas, LossReport loss)
        : base(new ConnectSchema(ConnectType.Array) { Items = form.Schema with { IsOptional = !HasRequiredItems(element, form) } }) =>
        (_element, _form, _options, _hasSchemas, _loss) = (element, form, options, hasSchemas, loss);

    private ConnectSchema Items => Schema.Items!;

    // Of element types that Debezium doesn't list among arrays it takes the schema of a required value, so that an array with a NULL in it can't be carried.
    private static bool HasRequiredItems(PgType element, ColumnForm form) =>
        element.Kind == 'e' || element.Oid == PgTypes.Tsvector || form is UnknownForm or VectorForm or SparseVectorForm || element.Name == "isbn";

    private bool IsExact => _options.Compatibility == Compatibility.Exact;

    // Debezium has bytes for it, which don't fit where bytes are carried as text.
    private bool LosesPlaceholder => IsExact && _form is BytesForm { Schema.Type: not ConnectType.Bytes };

    /// <inheritdoc/>
    public override bool MayVanish => true;

    /// <inheritdoc/>
    public override bool Vanishes(ReadOnlySpan<byte> text)
    {
        var isLost = Dimensions(text) > 1 ? !IsExact && _hasSchemas : !Items.IsOptional && HasNull(text);
        return isLost && _loss.Null(text);
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var dimensions = Dimensions(text);
        if (dimensions <= 1) WriteElements(text, ref output);
        else if (IsExact) WriteNulls(text, ref output);
        else WriteNested(text, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output)
    {
        output.BeginArray(0);
        output.EndArray();
    }

    /// <inheritdoc/>
    public override bool HasPlaceholder => !LosesPlaceholder && (_element.Oid is PgTypes.Int4 or PgTypes.Int8 or PgTypes.Date or PgTypes.Uuid or PgTypes.Bytea or PgTypes.Text or PgTypes.Varchar or PgTypes.Json or PgTypes.Jsonb
        || (!IsExact && _form is TextForm && _element.Kind != 'e'));

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
        var isNumbers = _element.Oid is PgTypes.Int4 or PgTypes.Int8 or PgTypes.Date;
        output.BeginArray(isNumbers ? placeholder.Length : 1);
        if (isNumbers)
        {
            foreach (var value in placeholder)
            {
                output.Element();
                output.Present(Items);
                output.Number((sbyte)value);
            }
        }
        else
        {
            output.Element();
            output.Present(Items);
            if (_element.Oid == PgTypes.Uuid) output.Ascii(NameBased(placeholder));
            else _form.WritePlaceholder(placeholder, ref output);
        }

        output.EndArray();
    }

    private static int Dimensions(ReadOnlySpan<byte> text) => text[text.IndexOf((byte)'{')..].IndexOfAnyExcept((byte)'{');

    private void WriteElements(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        output.BeginArray(output.IsAvro ? Count(text) : 0);
        var reader = new ArrayText(text);
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
        {
            if (token is ArrayText.Token.Open or ArrayText.Token.Close) continue;
            output.Element();
            WriteElement(token, reader.Value, ref output);
        }

        output.EndArray();
    }

    private void WriteElement(ArrayText.Token token, ReadOnlySpan<byte> value, ref RecordOutput output)
    {
        if (token == ArrayText.Token.Null)
        {
            output.Null(Items);
            return;
        }

        if (token == ArrayText.Token.Plain || value.IndexOf((byte)'\\') < 0)
        {
            WriteValue(value, ref output);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(value.Length);
        WriteValue(rented.AsSpan(0, ArrayText.Unescape(value, rented)), ref output);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private void WriteValue(ReadOnlySpan<byte> value, ref RecordOutput output)
    {
        if (_form.MayVanish && _form.Vanishes(value))
        {
            output.Null(Items);
            return;
        }

        output.Present(Items);
        _form.Write(value, ref output);
    }

    private static int Count(ReadOnlySpan<byte> text)
    {
        var reader = new ArrayText(text);
        var count = 0;
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
            if (token is not (ArrayText.Token.Open or ArrayText.Token.Close)) count++;
        return count;
    }

    /// <summary>Arrays in arrays, as JSON.</summary>
    private void WriteNested(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var reader = new ArrayText(text);
        var isFirst = true;
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
        {
            if (token != ArrayText.Token.Close && !isFirst) output.Raw(","u8);
            isFirst = token == ArrayText.Token.Open;
            if (token == ArrayText.Token.Open) output.Raw("["u8);
            else if (token == ArrayText.Token.Close) output.Raw("]"u8);
            else WriteElement(token, reader.Value, ref output);
        }
    }

    private static bool HasNull(ReadOnlySpan<byte> text)
    {
        var reader = new ArrayText(text);
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
            if (token == ArrayText.Token.Null) return true;
        return false;
    }

    /// <summary>As Debezium: a null for each inner array (for text, names of Java objects, which nobody can want).</summary>
    private void WriteNulls(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var reader = new ArrayText(text);
        var (depth, count) = (0, 0);
        for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
        {
            if (token == ArrayText.Token.Close) depth--;
            if (token == ArrayText.Token.Open && ++depth == 2) count++;
        }

        output.BeginArray(count);
        for (var i = 0; i < count; i++)
        {
            output.Element();
            output.Null(Items);
        }

        output.EndArray();
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
