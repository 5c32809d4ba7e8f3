using System.Globalization;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>What schemas say of a column's type in the database, where they are asked to: name, length, digits, as the JDBC driver of Postgres reports them.</summary>
internal static class SourceColumnType
{
    private const int Unbounded = int.MaxValue;

    /// <summary>The parameters that say it.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Parameters(PgColumn column)
    {
        var (type, modifier) = (column.Type.Element ?? PgTypes.Resolve(column).Type, PgTypes.Resolve(column).Modifier);
        yield return new("__debezium.source.column.type", column.Type.Name.ToUpperInvariant());
        yield return new("__debezium.source.column.length", LengthOf(type.Oid, modifier).ToString(CultureInfo.InvariantCulture));
        yield return new("__debezium.source.column.scale", ScaleOf(type.Oid, modifier).ToString(CultureInfo.InvariantCulture));
        yield return new("__debezium.source.column.name", column.Name);
    }

    /// <summary>Characters or digits that a value of a column, or an element of one, may have.</summary>
    public static int LengthOf(PgColumn column) => LengthOf((column.Type.Element ?? PgTypes.Resolve(column).Type).Oid, PgTypes.Resolve(column).Modifier);

    /// <summary>Characters or digits that a value may have.</summary>
    public static int LengthOf(uint type, int modifier) => type switch
    {
        PgTypes.Int2 => 5,
        PgTypes.Int4 or PgTypes.Oid => 10,
        PgTypes.Int8 => 19,
        PgTypes.Float4 => 8,
        PgTypes.Float8 => 17,
        PgTypes.Numeric => modifier < 4 ? 0 : (modifier - 4) >> 16,
        PgTypes.Bool or PgTypes.Char => 1,
        PgTypes.Bpchar or PgTypes.Varchar => modifier < 4 ? Unbounded : modifier - 4,
        PgTypes.Date => 13,
        PgTypes.Time => 8 + Fraction(modifier),
        PgTypes.Timetz => 14 + Fraction(modifier),
        PgTypes.Timestamp => 22 + Fraction(modifier),
        PgTypes.Timestamptz => 28 + Fraction(modifier),
        PgTypes.Interval => 49,
        PgTypes.Bit => modifier,
        PgTypes.Varbit => modifier < 0 ? Unbounded : modifier,
        _ => Unbounded,
    };

    private static int ScaleOf(uint type, int modifier) => type switch
    {
        PgTypes.Float4 => 8,
        PgTypes.Float8 => 17,
        PgTypes.Numeric => modifier < 4 ? 0 : (modifier - 4) & 0xFFFF,
        PgTypes.Time or PgTypes.Timetz or PgTypes.Timestamp or PgTypes.Timestamptz => modifier < 0 ? 6 : modifier,
        PgTypes.Interval => modifier < 0 ? 6 : modifier & 0xFFFF,
        _ => 0,
    };

    /// <summary>Characters behind the seconds, with the point.</summary>
    private static int Fraction(int digits) => digits switch { < 0 => 7, 0 => 0, 1 => 3, _ => digits + 1 };
}
