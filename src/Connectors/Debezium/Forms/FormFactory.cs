using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Chooses the form of each column: the type table of Debezium's Postgres connector.</summary>
/// <param name="options">How events are written; the handling modes of Debezium are choices of this class.</param>
/// <param name="labels">The labels of enums.</param>
/// <param name="loaded">Whether it is for loaded rows, which Debezium reads another way than streamed ones.</param>
/// <param name="hasSchemas">Whether records come with schemas, which values must keep to.</param>
internal sealed class FormFactory(DebeziumOptions options, EnumLabels labels, bool loaded, bool hasSchemas)
{
    private const int UnboundedBits = int.MaxValue;

    private static readonly ConnectSchema StringSchema = new(ConnectType.String);

    private readonly TypeHandling _types = options.Types;

    private bool IsExact => options.Compatibility == Compatibility.Exact;

    /// <summary>The form of a column in keys; null where there is none.</summary>
    public ColumnForm? CreateForKey(PgTable table, PgColumn column)
    {
        var (type, modifier) = PgTypes.Resolve(column);
        var loss = new LossReport(table, column, options);
        return type.Element is { } element ? OfArray(element, modifier, isNotNull: column.IsNotNull, loss) : OfType(type, modifier, isNotNull: column.IsNotNull, loss);
    }

    /// <summary>The form of a column in rows; null where there is none and the column is left out.</summary>
    public ColumnForm? Create(PgTable table, PgColumn column)
    {
        var form = CreateForKey(table, column);
        return form is not null && options.Columns.MaskOf(table, column) is { } mask ? Masked(form, mask, column) : form;
    }

    /// <summary>Debezium hides what its driver calls character data, enums among it; it cuts every text, and bytes.</summary>
    private static ColumnForm Masked(ColumnForm form, ColumnMask mask, PgColumn column)
    {
        if (mask.Kind == MaskKind.Truncate) return mask.CanCut(column) && form.Schema is { Type: ConnectType.String } or { Type: ConnectType.Bytes, Name: null } ? new TruncateForm(form, mask.Length) : form;
        var (type, modifier) = PgTypes.Resolve(column);
        if (form is not TextForm || !(PgTypes.IsText(type.Oid) || type.Kind == 'e')) return form;
        return mask.Kind == MaskKind.Asterisks ? new AsterisksForm(form.Schema, mask.Length) : new HashForm(form.Schema, mask, SourceColumnType.LengthOf(type.Oid, modifier));
    }

    private ColumnForm? OfArray(PgType element, int modifier, bool isNotNull, LossReport loss)
    {
        switch (element.Oid)
        {
            case PgTypes.Money or PgTypes.Name or PgTypes.Interval or PgTypes.Varbit or PgTypes.Xml or PgTypes.Point or PgTypes.RefCursor:
                return null;                                      // Debezium leaves arrays of these out
            case PgTypes.Bit when IsExact:
                return new NothingForm(Bits(element.Oid, modifier).Schema, isOptional: !isNotNull);      // the schema of a single value, and never one
            case PgTypes.Time when IsExact:
                return new ArrayForm(element, Time(Digits(modifier), dropsMicros: true), options, hasSchemas, loss);
            default:
                var form = OfType(element, modifier, isNotNull: false, loss) ?? Unknown(element);
                return form is null ? null : new ArrayForm(element, form, options, hasSchemas, loss);
        }
    }

    private ColumnForm? OfType(PgType type, int modifier, bool isNotNull, LossReport loss)
    {
        var known = type.Kind switch
        {
            'e' => new TextForm(EnumSchema(type)),
            'b' or 'r' => OfOid(type, modifier, isNotNull, loss) ?? OfExtension(type),
            _ => null,
        };
        return known ?? (type.Element is null && type.Kind != 'd' ? Unknown(type) : null);
    }

    private UnknownForm? Unknown(PgType type) => _types.IncludeUnknown ? new UnknownForm(PgTypes.IsGeometric(type.Oid), _types.Binary, IsExact) : null;

    private ColumnForm? OfOid(PgType type, int modifier, bool isNotNull, LossReport loss) => type.Oid switch
    {
        PgTypes.Bool => new BooleanForm(),
        PgTypes.Int2 => new IntegerForm(ConnectType.Int16),
        PgTypes.Int4 => new IntegerForm(ConnectType.Int32),
        PgTypes.Int8 or PgTypes.Oid => new IntegerForm(ConnectType.Int64),
        PgTypes.Float4 => new FloatForm(ConnectType.Float32),
        PgTypes.Float8 => new FloatForm(ConnectType.Float64),
        PgTypes.Numeric => Numeric(modifier, loss),
        PgTypes.Money => new MoneyForm(_types),
        PgTypes.Bit or PgTypes.Varbit => Bits(type.Oid, modifier),
        PgTypes.Bytea => new BytesForm(_types.Binary, IsExact),
        PgTypes.Name when IsExact && !loaded => new NothingForm(StringSchema, isOptional: !isNotNull),
        PgTypes.Text or PgTypes.Varchar or PgTypes.Bpchar or PgTypes.Char or PgTypes.Name or PgTypes.Inet or PgTypes.Cidr or PgTypes.Macaddr or PgTypes.Macaddr8
            or PgTypes.Int4Range or PgTypes.Int8Range or PgTypes.NumRange or PgTypes.TsRange or PgTypes.TstzRange or PgTypes.DateRange => new TextForm(StringSchema),
        PgTypes.Uuid => new TextForm(Named("Uuid")),
        PgTypes.Json or PgTypes.Jsonb => new TextForm(Named("Json")),
        PgTypes.Xml => new TextForm(Named("Xml")),
        PgTypes.Tsvector => new TextForm(Named("Tsvector")),
        PgTypes.Date => Date(!IsExact ? DateQuirks.None : loaded ? DateQuirks.Loaded : DateQuirks.Streamed),
        PgTypes.Time => Time(Digits(modifier), dropsMicros: false),
        PgTypes.Timetz => new ZonedTimeForm(),
        PgTypes.Timestamp => Timestamp(Digits(modifier), loss),
        PgTypes.Timestamptz => new ZonedTimestampForm(Digits(modifier)),
        PgTypes.Interval => _types.IntervalAsText ? new IntervalTextForm() : new IntervalForm(IsExact, loss),
        PgTypes.Point => new PointForm(),
        _ => null,
    };

    private ColumnForm? OfExtension(PgType type) => type.Element is not null ? null : type.Name switch
    {
        "citext" or "isbn" => new TextForm(StringSchema),
        "ltree" => new TextForm(Named("Ltree")),
        "geometry" => new GeometryForm("Geometry"),
        "geography" => new GeometryForm("Geography"),
        "vector" => new VectorForm(ConnectType.Float64, "DoubleVector"),
        "halfvec" => new VectorForm(ConnectType.Float32, "FloatVector"),
        "sparsevec" => new SparseVectorForm(),
        "hstore" => _types.HstoreAsMap ? new HstoreMapForm() : new HstoreJsonForm(),
        _ => null,
    };

    private ColumnForm Date(DateQuirks quirks) => _types.Time == TimePrecision.IsoString ? new IsoDateForm(quirks) : new DateForm(quirks, _types.Time == TimePrecision.Connect);

    private ColumnForm Time(int digits, bool dropsMicros) => _types.Time switch
    {
        TimePrecision.IsoString => new IsoTimeForm(dropsMicros),
        TimePrecision.Connect => new TimeForm(TimeUnit.ConnectMillis, dropsMicros),
        TimePrecision.Nanoseconds => new TimeForm(TimeUnit.Nanos, dropsMicros),
        TimePrecision.Adaptive when digits <= 3 => new TimeForm(TimeUnit.Millis, dropsMicros),
        _ => new TimeForm(TimeUnit.Micros, dropsMicros),
    };

    private ColumnForm Timestamp(int digits, LossReport loss) => _types.Time switch
    {
        TimePrecision.IsoString => new IsoTimestampForm(IsExact),
        TimePrecision.Connect => new TimestampForm(TimeUnit.ConnectMillis, IsExact, loss),
        TimePrecision.Nanoseconds => new TimestampForm(TimeUnit.Nanos, IsExact, loss),
        TimePrecision.Adaptive or TimePrecision.AdaptiveTimeMicroseconds when digits <= 3 => new TimestampForm(TimeUnit.Millis, IsExact, loss),
        _ => new TimestampForm(TimeUnit.Micros, IsExact, loss),
    };

    private ColumnForm Numeric(int modifier, LossReport loss)
    {
        var hasScale = modifier >= 4;
        var bits = (modifier - 4) & 0x7FF;                        // 11 bits with sign; Debezium takes numeric(4,-3) for scale 2045
        var scale = IsExact || bits < 1024 ? bits : bits - 2048;
        if (_types.Decimal == DecimalHandling.String) return new DecimalTextForm(hasScale ? scale : null);
        if (_types.Decimal == DecimalHandling.Double) return new DecimalDoubleForm(hasScale ? scale : null);
        return hasScale ? new DecimalForm((modifier - 4) >> 16, scale, _types.DecimalAsNumber, loss) : new VariableScaleDecimalForm(loss);
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
