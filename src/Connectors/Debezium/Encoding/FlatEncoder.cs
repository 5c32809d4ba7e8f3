namespace Pathway.Connectors.Debezium;

/// <summary>Plain rows, with what was asked to be added of the envelope.</summary>
internal sealed class FlatEncoder : ValueEncoder
{
    private static readonly ConnectField DeletedField = new("__deleted", new ConnectSchema(ConnectType.String) { IsOptional = true });

    private readonly RowEncoder _row;
    private readonly byte[] _begin, _end, _deletedTrue, _deletedFalse;
    private readonly AddedPart[] _added;

    /// <summary>Compiles it for a table.</summary>
    public FlatEncoder(TableModel model, DebeziumOptions options, UnwrapOptions unwrap, Wire wire)
    {
        var marksDeletes = unwrap.Deletes is UnwrapDeletes.Rewrite or UnwrapDeletes.RewriteWithTombstone;
        _row = new RowEncoder(model, model.Columns, options, wire);
        _added = [.. unwrap.AddFields.Select(field => new AddedPart(field, unwrap.FieldPrefix, model.Table, options, wire))];
        _begin = Section.Compile(wire, (ref output) => output.BeginStruct());
        _end = Section.Compile(wire, (ref output) => output.EndStruct());
        _deletedTrue = marksDeletes ? Deleted("true") : [];
        _deletedFalse = marksDeletes ? Deleted("false") : [];
        Schema = model.RowSchema with
        {
            IsOptional = false,
            Fields = [.. model.RowSchema.Fields, .. marksDeletes ? [DeletedField] : Array.Empty<ConnectField>(), .. _added.Select(added => added.Field)],
        };

        byte[] Deleted(string text) => Section.Compile(wire, (ref output) =>
        {
            output.Field(DeletedField);
            output.Text(Section.Utf8(text));
        });
    }

    /// <inheritdoc/>
    public override ConnectSchema Schema { get; }

    /// <inheritdoc/>
    public override void Write(in RowEvent row, ref RecordOutput output)
    {
        output.Raw(_begin);
        _row.WriteValues(row.After ?? row.Before!, row.Old, ref output);
        output.Raw(row.After is null ? _deletedTrue : _deletedFalse);
        foreach (var added in _added) added.WriteField(row, ref output);
        output.Raw(_end);
    }
}
