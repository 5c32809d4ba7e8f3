using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes which place an event has in its transaction: <c>transaction</c>.</summary>
internal sealed class TransactionEncoder(Wire wire)
{
    private readonly byte[] _nothing = Section.Compile(wire, (ref output) => output.Null(EnvelopeSchema.Transaction));
    private readonly byte[] _begin = Section.Compile(wire, (ref output) =>
    {
        output.Present(EnvelopeSchema.Transaction);
        output.BeginStruct();
        output.Field(EnvelopeSchema.Transaction.Fields[0]);
    });
    private readonly byte[] _total = Section.Compile(wire, (ref output) => output.Field(EnvelopeSchema.Transaction.Fields[1]));
    private readonly byte[] _inTable = Section.Compile(wire, (ref output) => output.Field(EnvelopeSchema.Transaction.Fields[2]));
    private readonly byte[] _end = Section.Compile(wire, (ref output) => output.EndStruct());

    /// <summary>Writes the struct, or that there is none.</summary>
    public void Write(in ChangeEvent change, EventPlace place, ref RecordOutput output)
    {
        if (place.Total == 0)
        {
            output.Raw(_nothing);
            return;
        }

        Span<byte> id = stackalloc byte[48];
        output.Raw(_begin);
        output.Ascii(id[..TransactionCounter.WriteId(change.Transaction, change.Lsn, id)]);
        output.Raw(_total);
        output.Number(place.Total);
        output.Raw(_inTable);
        output.Number(place.InTable);
        output.Raw(_end);
    }
}
