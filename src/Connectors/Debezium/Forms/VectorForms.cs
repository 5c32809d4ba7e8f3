using System.Globalization;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>vector and halfvec of pgvector, which prints them as [1,2.5], as an array of numbers.</summary>
internal sealed class VectorForm(ConnectType item, string name) : ColumnForm(ConnectSchema.Named(ConnectType.Array, "io.debezium.data." + name) with { Items = new ConnectSchema(item) })
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (text.Length < 2 || text[0] != '[' || text[^1] != ']') throw new BadDataException("A vector isn't in the form that pgvector prints: [1,2.5].");
        var rest = text[1..^1];
        output.BeginArray(rest.IsEmpty ? 0 : rest.Count((byte)',') + 1);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)',');
            output.Element();
            if (item == ConnectType.Float32) output.Single(end < 0 ? rest : rest[..end]);
            else output.Double(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        output.EndArray();
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("[]"u8, ref output);
}

/// <summary>sparsevec of pgvector, which prints it as {1:1.5,3:2}/5, as its number of dimensions and a map of numbers.</summary>
internal sealed class SparseVectorForm() : ColumnForm(ValueSchema)
{
    private static readonly ConnectSchema ValueSchema = ConnectSchema.Named(ConnectType.Struct, "io.debezium.data.SparseDoubleVector") with
    {
        Fields =
        [
            new("dimensions", new ConnectSchema(ConnectType.Int16)),
            new("vector", new ConnectSchema(ConnectType.Map) { Keys = new ConnectSchema(ConnectType.Int16), Items = new ConnectSchema(ConnectType.Float64) }),
        ],
    };

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        var slash = text.IndexOf((byte)'/');
        if (slash < 2 || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var dimensions)) throw new BadDataException("A sparse vector isn't in the form that pgvector prints: {1:1.5,3:2}/5.");
        output.Mark("{\"dimensions\":"u8);
        output.Number(dimensions);
        output.Mark(",\"vector\":"u8);
        WriteEntries(text[1..(slash - 1)], ref output);
        output.Mark("}"u8);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => Write("{}/0"u8, ref output);

    /// <summary>A map whose keys aren't texts is an array of pairs, in JSON of arrays, in Avro of records.</summary>
    private static void WriteEntries(ReadOnlySpan<byte> rest, ref RecordOutput output)
    {
        output.BeginArray(rest.IsEmpty ? 0 : rest.Count((byte)',') + 1);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)',');
            var entry = end < 0 ? rest : rest[..end];
            var colon = entry.IndexOf((byte)':');
            output.Element();
            output.Mark("["u8);
            output.Integer(entry[..colon]);
            output.Mark(","u8);
            output.Double(entry[(colon + 1)..]);
            output.Mark("]"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        output.EndArray();
    }
}
