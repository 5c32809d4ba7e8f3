using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>What the value of a record is made of.</summary>
internal readonly struct RowEvent
{
    /// <summary>The change.</summary>
    public required ChangeEvent Change { get; init; }

    /// <summary>What happened, a letter.</summary>
    public required byte Operation { get; init; }

    /// <summary>The row before; null for none.</summary>
    public TuplePlaces? Before { get; init; }

    /// <summary>The row after; null for none.</summary>
    public TuplePlaces? After { get; init; }

    /// <summary>The old row as Postgres sent it, even where <see cref="Before"/> is none.</summary>
    public required TuplePlaces Old { get; init; }

    /// <summary>Its place in the transaction.</summary>
    public EventPlace Place { get; init; }

    /// <summary>When it is written.</summary>
    public required BatchClock Clock { get; init; }
}

/// <summary>Writes the values of a table's records.</summary>
internal abstract class ValueEncoder
{
    /// <summary>The schema of the values.</summary>
    public abstract ConnectSchema Schema { get; }

    /// <summary>Writes a value.</summary>
    public abstract void Write(in RowEvent row, ref RecordOutput output);
}

/// <summary>Envelopes: old row, new row, where it comes from, what happened, when.</summary>
internal sealed class EnvelopeEncoder : ValueEncoder
{
    private readonly RowEncoder _row;
    private readonly SourceEncoder _source;
    private readonly TransactionEncoder _transaction;
    private readonly byte[] _head, _after, _sourceLabel, _transactionLabel, _operation;

    /// <summary>Compiles it for a table.</summary>
    public EnvelopeEncoder(TableModel model, DebeziumOptions options, Wire wire)
    {
        Schema = model.EnvelopeSchema;
        _row = new RowEncoder(model, model.Columns, options, wire);
        _source = new SourceEncoder(model.Table, options, wire);
        _transaction = new TransactionEncoder(wire);
        _head = Section.Compile(wire, (ref output) =>
        {
            output.BeginStruct();
            output.Label("before");
        });
        _after = Section.Compile(wire, (ref output) => output.Label("after"));
        _sourceLabel = Section.Compile(wire, (ref output) => output.Label("source"));
        _transactionLabel = Section.Compile(wire, (ref output) => output.Label("transaction"));
        _operation = Section.Compile(wire, (ref output) => output.Label("op"));
    }

    /// <inheritdoc/>
    public override ConnectSchema Schema { get; }

    /// <inheritdoc/>
    public override void Write(in RowEvent row, ref RecordOutput output)
    {
        output.Raw(_head);
        _row.WriteRow(row.Before, row.Old, ref output);
        output.Raw(_after);
        _row.WriteRow(row.After, row.Old, ref output);
        output.Raw(_sourceLabel);
        _source.Write(row.Change, ref output);
        output.Raw(_transactionLabel);
        _transaction.Write(row.Change, row.Place, ref output);
        output.Raw(_operation);
        output.Ascii([row.Operation]);
        output.Raw(row.Clock.Tail);
    }
}
