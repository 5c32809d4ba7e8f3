using System.Text.Json;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using static Pathway.Tests.Unit.Debezium.Rows;

namespace Pathway.Tests.Unit.Debezium;

[Trait("suite", "unit")]
public sealed class ColumnDefaultTests
{
    [Theory]
    [InlineData(25, -1, "'it''s'::text", "\"it's\"", "\"it\"")]
    [InlineData(25, -1, "CURRENT_USER", "\"\"", "\"CURRENT_USER\"")]
    [InlineData(25, -1, "NULL::character varying", null, null)]
    [InlineData(25, -1, "(upper('x'::text) || 'y'::text)", "\"\"", "\"\"")]
    [InlineData(23, -1, "nextval('t_id_seq'::regclass)", "0", "0")]
    [InlineData(23, -1, "'-2'::integer", "-2", "-2")]
    [InlineData(23, -1, "(2 + 3)", null, null)]
    [InlineData(16, -1, "true", "true", "true")]
    [InlineData(701, -1, "'NaN'::double precision", "\"NaN\"", "\"NaN\"")]
    [InlineData(1700, ((10 << 16) | 2) + 4, "12.3", "\"BM4=\"", "\"BM4=\"")]
    [InlineData(1700, ((10 << 16) | 2) + 4, "12.345", null, null)]
    [InlineData(1700, -1, "1.5", null, null)]
    [InlineData(1082, -1, "CURRENT_DATE", "0", "0")]
    [InlineData(1082, -1, "'2020-02-02'::date", "18294", "18294")]
    [InlineData(1114, -1, "'infinity'::timestamp without time zone", "9223372036825200000", "-9223372036853775810")]
    [InlineData(1184, -1, "'2020-02-01 23:02:03+00'::timestamp with time zone", "\"2020-02-01T23:02:03.000000Z\"", "\"2020-02-01T23:02:03.000000Z\"")]
    [InlineData(1184, -1, "now()", "\"1970-01-01T00:00:00.000000Z\"", "\"1970-01-01T00:00:00.000000Z\"")]
    [InlineData(1186, -1, "'1 day'::interval", "86400000000", "86400000000")]
    [InlineData(1560, 3, "'101'::\"bit\"", "\"BQ==\"", "\"BQ==\"")]
    [InlineData(2950, -1, "gen_random_uuid()", "\"00000000-0000-0000-0000-000000000000\"", "\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData(114, -1, "'{\"a\": 1}'::json", "\"{\\\"a\\\": 1}\"", "\"{\\\"a\\\": 1}\"")]
    [InlineData(790, -1, "1.25", null, null)]
    [InlineData(17, -1, "'\\x0aff'::bytea", null, null)]
    [InlineData(869, -1, "'10.0.0.1'::inet", null, null)]
    public void Read_SqlDefault_IsSchemaDefault(int oid, int modifier, string sql, string? right, string? exact)
    {
        Assert.Equal(right, SchemaDefault(Column("v", (uint)oid, modifier: modifier, @default: sql), Compatibility.Right));
        Assert.Equal(exact, SchemaDefault(Column("v", (uint)oid, modifier: modifier, @default: sql), Compatibility.Exact));
    }

    [Theory]
    [InlineData("'ok'::mood", "\"ok\"")]
    [InlineData("'A b'::\"My Enum\"", "\"A b\"")]
    [InlineData("some_function()", null)]
    public void Read_EnumDefault_IsItsLabel(string sql, string? expected)
    {
        var column = new PgColumn { Name = "v", Type = new PgType { Oid = 50_001, Name = "mood", Kind = 'e', EnumLabels = ["sad", "ok", "A b"] }, Default = sql };
        Assert.Equal(expected, SchemaDefault(column, Compatibility.Right));
    }

    private static string? SchemaDefault(PgColumn column, Compatibility compatibility)
    {
        var record = Assert.Single(Format(Options(compatibility) with { Schemas = true }, Change(Table([column]), ChangeKind.Insert, @new: Tuple((string?)null))));
        using var document = JsonDocument.Parse(record.Value!);
        var field = document.RootElement.GetProperty("schema").GetProperty("fields")[1].GetProperty("fields")[0];
        return field.TryGetProperty("default", out var value) ? value.GetRawText() : null;
    }
}
