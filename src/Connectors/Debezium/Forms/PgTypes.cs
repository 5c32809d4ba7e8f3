using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>The OIDs of Postgres' own types, which never change.</summary>
internal static class PgTypes
{
    public const uint Bool = 16, Bytea = 17, Char = 18, Name = 19, Int8 = 20, Int2 = 21, Int4 = 23, Text = 25, Oid = 26, Json = 114, Xml = 142, Point = 600, Cidr = 650, Float4 = 700, Float8 = 701,
        Macaddr8 = 774, Money = 790, Macaddr = 829, Inet = 869, Bpchar = 1042, Varchar = 1043, Date = 1082, Time = 1083, Timestamp = 1114, Timestamptz = 1184, Interval = 1186, Timetz = 1266,
        Bit = 1560, Varbit = 1562, Numeric = 1700, RefCursor = 1790, Uuid = 2950, Tsvector = 3614, Jsonb = 3802, Int4Range = 3904, NumRange = 3906, TsRange = 3908, TstzRange = 3910, DateRange = 3912, Int8Range = 3926;

    /// <summary>Whether it is a type that Debezium takes for character data, which masks are for.</summary>
    public static bool IsText(uint oid) => oid is Text or Varchar or Bpchar or Name or Char;

    /// <summary>Whether it is a geometric type other than point: lseg, path, box, polygon, line, circle.</summary>
    public static bool IsGeometric(uint oid) => oid is 601 or 602 or 603 or 604 or 628 or 718;

    /// <summary>What the values of a column are: its type, or the type under a domain, with the modifier that counts.</summary>
    public static (PgType Type, int Modifier) Resolve(PgColumn column) =>
        column.Type.DomainBase is { } domain ? (domain, column.Type.DomainTypeModifier) : (column.Type, column.TypeModifier);
}
