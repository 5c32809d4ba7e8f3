namespace Pathway.Connectors.Debezium;

/// <summary>A column in the order of writing, with what is written for it where no value is.</summary>
internal sealed class Slot
{
    private readonly byte[] _label;
    private readonly ColumnForm _form;
    private readonly bool _mayVanish;

    /// <summary>Compiles it.</summary>
    public Slot(ColumnModel model, bool isFirst, DebeziumOptions options, Wire wire)
    {
        (Column, _form, _mayVanish) = (model.Index, model.Form, model.Form.MayVanish);
        var (field, form) = (model.Field, model.Form);
        var isExact = options.Compatibility == Compatibility.Exact;
        var placeholder = Placeholder.Read(options.UnavailableValuePlaceholder);

        _label = Compile(wire, isFirst, (ref output) => output.Field(field));
        var ofDefault = model.Default is { } text ? Value((ref output) => form.Write(text, ref output)) : null;
        var ofZero = Value((ref output) => form.WriteZero(ref output));
        var ofNull = field.Schema.IsOptional || wire != Wire.Avro ? Compile(wire, isFirst, (ref output) => output.NullField(field)) : ofZero;

        // JsonConverter and AvroConverter put the default where a value is null, and Debezium leaves that on. Masks are put over NULL as well.
        Null = form is AsterisksForm ? ofZero : isExact ? ofDefault ?? ofNull : ofNull;
        Absent = field.Schema.IsOptional && (ofDefault is null || !isExact) ? Null : ofDefault ?? ofZero;
        Unavailable = form.HasPlaceholder ? Value((ref output) => form.WritePlaceholder(placeholder, ref output)) : field.Schema.IsOptional ? Null : ofZero;

        byte[] Value(WriteSection write) => Compile(wire, isFirst, (ref output) =>
        {
            output.Field(field);
            write(ref output);
        });
    }

    /// <summary>Its index in tuples.</summary>
    public int Column { get; }

    /// <summary>What is written for NULL.</summary>
    public byte[] Null { get; }

    /// <summary>What is written for a column that isn't part of a key that Postgres sent in place of the old row.</summary>
    public byte[] Absent { get; }

    /// <summary>What is written for a large value that an update didn't touch.</summary>
    public byte[] Unavailable { get; }

    /// <summary>Writes a value.</summary>
    public void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (_mayVanish && _form.Vanishes(text))
        {
            output.Raw(Null);
            return;
        }

        output.Raw(_label);
        _form.Write(text, ref output);
    }

    private static byte[] Compile(Wire wire, bool isFirst, WriteSection write)
    {
        var bytes = Section.Compile(wire, write);
        return isFirst && wire != Wire.Avro ? bytes[1..] : bytes;            // without the comma
    }
}
