using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Chooses the form of each column: the type table of Debezium's Postgres connector.</summary>
/// <param name="options">How events are written; the handling modes of Debezium are choices of this class.</param>
/// <param name="labels">The labels of enums.</param>
/// <param name="loaded">Whether it is for loaded rows, which Debezium reads another way than streamed ones.</param>
internal sealed class FormFactory(DebeziumOptions options, EnumLabels labels, bool loaded)
{
    private const int UnboundedBits = int.MaxValue;

    private static readonly ConnectSchema StringSchema = new(ConnectType.String);

    private bool IsExact => options.Compatibility == Compatibility.Exact;

    /// <summary>The form of a column; null where there is none and the column is left out.</summary>
    public ColumnForm? Create(PgTable table, PgColumn column)
    {
        var (type, modifier) = PgTypes.Resolve(column);
        Action<string, string> lost = (value, written) => options.Lost?.Invoke(new LostValue(table.FullName, column.Name, value, written));
        return type.Element is { } element ? OfArray(element, modifier, isNotNull: column.IsNotNull, lost) : OfType(type, modifier, isNotNull: column.IsNotNull, lost);
    }

    private ColumnForm? OfArray(PgType element, int modifier, bool isNotNull, Action<string, string> lost)
    {
        switch (element.Oid)
        {
            case PgTypes.Money or PgTypes.Name or PgTypes.Interval or PgTypes.Varbit or PgTypes.Xml or PgTypes.Point or PgTypes.Tsvector:
                return null;                                      // Debezium leaves arrays of these out
            case PgTypes.Bit when IsExact:
                return new NothingForm(Bits(element.Oid, modifier).Schema, isOptional: !isNotNull);      // the schema of a single value, and never one
            case PgTypes.Time when IsExact:
                return new ArrayForm(element, new TimeForm(millis: Digits(modifier) <= 3, dropsMicros: true), options, lost);
            default:
                return OfType(element, modifier, isNotNull: false, lost) is { } form ? new ArrayForm(element, form, options, lost) : null;
        }
    }

    private ColumnForm? OfType(PgType type, int modifier, bool isNotNull, Action<string, string> lost) => type.Kind switch
    {
        'e' => new TextForm(EnumSchema(type)),
        'b' or 'r' => OfOid(type, modifier, isNotNull, lost) ?? OfExtension(type),
        _ => null,
    };

    private ColumnForm? OfOid(PgType type, int modifier, bool isNotNull, Action<string, string> lost) => type.Oid switch
    {
        PgTypes.Bool => new BooleanForm(),
        PgTypes.Int2 => new IntegerForm(ConnectType.Int16),
        PgTypes.Int4 => new IntegerForm(ConnectType.Int32),
        PgTypes.Int8 or PgTypes.Oid => new IntegerForm(ConnectType.Int64),
        PgTypes.Float4 => new FloatForm(ConnectType.Float32),
        PgTypes.Float8 => new FloatForm(ConnectType.Float64),
        PgTypes.Numeric => Numeric(modifier, lost),
        PgTypes.Money => new MoneyForm(scale: 2),
        PgTypes.Bit or PgTypes.Varbit => Bits(type.Oid, modifier),
        PgTypes.Bytea => new BytesForm(),
        PgTypes.Name when IsExact && !loaded => new NothingForm(StringSchema, isOptional: !isNotNull),
        PgTypes.Text or PgTypes.Varchar or PgTypes.Bpchar or PgTypes.Char or PgTypes.Name or PgTypes.Inet or PgTypes.Cidr or PgTypes.Macaddr or PgTypes.Macaddr8
            or PgTypes.Int4Range or PgTypes.Int8Range or PgTypes.NumRange or PgTypes.TsRange or PgTypes.TstzRange or PgTypes.DateRange => new TextForm(StringSchema),
        PgTypes.Uuid => new TextForm(Named("Uuid")),
        PgTypes.Json or PgTypes.Jsonb => new TextForm(Named("Json")),
        PgTypes.Xml => new TextForm(Named("Xml")),
        PgTypes.Tsvector => new TextForm(Named("Tsvector")),
        PgTypes.Date => new DateForm(!IsExact ? DateForm.Quirks.None : loaded ? DateForm.Quirks.Loaded : DateForm.Quirks.Streamed),
        PgTypes.Time => new TimeForm(millis: Digits(modifier) <= 3),
        PgTypes.Timetz => new ZonedTimeForm(),
        PgTypes.Timestamp => new TimestampForm(millis: Digits(modifier) <= 3, IsExact, lost),
        PgTypes.Timestamptz => new ZonedTimestampForm(Digits(modifier)),
        PgTypes.Interval => new IntervalForm(IsExact, lost),
        PgTypes.Point => new PointForm(),
        _ => null,
    };

    private static ColumnForm? OfExtension(PgType type) => type.Element is not null ? null : type.Name switch
    {
        "citext" or "isbn" => new TextForm(StringSchema),
        "ltree" => new TextForm(Named("Ltree")),
        "hstore" => new HstoreJsonForm(),
        _ => null,
    };

    private ColumnForm Numeric(int modifier, Action<string, string> lost)
    {
        if (modifier < 4) return new VariableScaleDecimalForm(lost);
        var precision = (modifier - 4) >> 16;
        var scale = (modifier - 4) & 0x7FF;                       // 11 bits with sign; Debezium takes numeric(4,-3) for scale 2045
        return new DecimalForm(precision, IsExact || scale < 1024 ? scale : scale - 2048, lost);
    }

    private static ColumnForm Bits(uint type, int modifier)
    {
        var length = modifier > 0 ? modifier : type == PgTypes.Bit ? 1 : UnboundedBits;
        return length == 1 ? new BooleanForm() : new BitsForm(length);
    }

    /// <summary>Digits behind the seconds of a time type.</summary>
    private static int Digits(int modifier) => modifier is >= 0 and <= 6 ? modifier : 6;

    private ConnectSchema EnumSchema(PgType type) => Named("Enum") with { Parameters = [new("allowed", labels.Of(type))] };

    private static ConnectSchema Named(string name) => ConnectSchema.Named(ConnectType.String, "io.debezium.data." + name);
}
