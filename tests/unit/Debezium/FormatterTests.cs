using System.Text.Json;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using static Pathway.Tests.Unit.Debezium.Rows;

namespace Pathway.Tests.Unit.Debezium;

[Trait("suite", "unit")]
public sealed class FormatterTests
{
    private const uint Int4 = 23, Text = 25, Bytea = 17, Json = 114, Numeric = 1700;

    private static readonly PgTable Customers = Table([Column("id", Int4, isNotNull: true), Column("name", Text, isNotNull: true), Column("mail", Text)], "id");

    [Fact]
    public void Format_Insert_IsWholeRecord()
    {
        var record = Assert.Single(Format(Options(), Change(Customers, ChangeKind.Insert, @new: Tuple("1", "Ada", null))));
        Assert.Equal("shop.public.t", record.Topic);
        Assert.Equal("""{"id":1}""", record.Key);
        Assert.Equal(
            """{"before":null,"after":{"id":1,"name":"Ada","mail":null},"source":{"version":"3.6.1.Final","connector":"postgresql","name":"shop","ts_ms":1700000000123,"snapshot":"false","db":"db","sequence":"[\"500\",\"600\"]","ts_us":1700000000123456,"ts_ns":1700000000123456000,"schema":"public","table":"t","txId":77,"lsn":600,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":"c","ts_ms":5,"ts_us":5000,"ts_ns":5000000}""",
            record.Value);
    }

    [Theory]
    [InlineData(LoadPlace.First, "first")]
    [InlineData(LoadPlace.FirstInTable, "first_in_data_collection")]
    [InlineData(LoadPlace.Within, "true")]
    [InlineData(LoadPlace.LastInTable, "last_in_data_collection")]
    [InlineData(LoadPlace.Last, "last")]
    public void Format_LoadedRow_NamesItsPlace(LoadPlace place, string snapshot)
    {
        var record = Assert.Single(Format(Options(), Change(Customers, ChangeKind.Load, @new: Tuple("1", "Ada", null), place: place)));
        using var document = JsonDocument.Parse(record.Value!);
        Assert.Equal("r", document.RootElement.GetProperty("op").GetString());
        Assert.Equal(snapshot, document.RootElement.GetProperty("source").GetProperty("snapshot").GetString());
    }

    [Fact]
    public void Format_UpdateOfOtherColumns_IsOneRecordWithoutOldRow()
    {
        var record = Assert.Single(Format(Options(), Change(Customers, ChangeKind.Update, @new: Tuple("1", "Ada", "a@b"))));
        Assert.Contains("\"before\":null,", record.Value, StringComparison.Ordinal);
        Assert.Contains("\"op\":\"u\"", record.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    public void Format_UpdateOfKey_IsDeleteThenCreate(bool tombstones, int count)
    {
        var records = Format(Options() with { TombstonesOnDelete = tombstones }, Change(Customers, ChangeKind.Update, old: Tuple("1", null, null), @new: Tuple("2", "Ada", null)));
        Assert.Equal(count, records.Count);
        Assert.Equal("""{"id":1}""", records[0].Key);
        Assert.Equal("""{"id":1,"name":"","mail":null}""", JsonDocument.Parse(records[0].Value!).RootElement.GetProperty("before").GetRawText());
        Assert.Contains("\"op\":\"d\"", records[0].Value, StringComparison.Ordinal);
        if (tombstones) Assert.Equal(("shop.public.t", """{"id":1}""", null), records[1]);
        Assert.Equal("""{"id":2}""", records[^1].Key);
        Assert.Contains("\"before\":null,", records[^1].Value, StringComparison.Ordinal);
        Assert.Contains("\"op\":\"c\"", records[^1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Format_UpdateWithWholeOldRowAndSameKey_IsOneRecordWithBoth()
    {
        var record = Assert.Single(Format(Options(), Change(Customers, ChangeKind.Update, old: Tuple("1", "Ada", "x"), @new: Tuple("1", "Ada", null), oldIsWhole: true)));
        Assert.Equal("\"x\"", Field(record.Value, "before", "mail"));
        Assert.Equal("null", Field(record.Value, "after", "mail"));
    }

    [Fact]
    public void Format_KeyWrittenAnotherWay_IsNoChangeOfKey()
    {
        var table = Table([Column("id", Numeric, isNotNull: true), Column("v", Text)], "id");
        var records = Format(Options(), Change(table, ChangeKind.Update, old: Tuple("1.0", "a"), @new: Tuple("1.00", "b"), oldIsWhole: true));
        Assert.Contains("\"op\":\"u\"", Assert.Single(records).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Format_CompositeKey_IsInOrderOfTheKey()
    {
        var table = Table([Column("a", Text, isNotNull: true), Column("b", Text), Column("c", Int4, isNotNull: true)], "c", "a");
        Assert.Equal("""{"c":3,"a":"x"}""", Assert.Single(Format(Options(), Change(table, ChangeKind.Insert, @new: Tuple("x", null, "3")))).Key);
    }

    [Fact]
    public void Format_TableWithoutPrimaryKey_TakesFirstUniqueIndexElseNoKey()
    {
        PgColumn[] columns = [Column("a", Int4), Column("b", Int4)];
        var indexed = new PgTable { Oid = 2, Schema = "public", Name = "u", ReplicaIdentity = PgReplicaIdentity.Full, PrimaryKey = [], UniqueIndexes = [["b"], ["a"]], Columns = columns };
        Assert.Equal("""{"b":2}""", Assert.Single(Format(Options(), Change(indexed, ChangeKind.Insert, @new: Tuple("1", "2")))).Key);

        var records = Format(Options(), Change(Table(columns), ChangeKind.Delete, old: Tuple("1", "2"), oldIsWhole: true));
        Assert.Null(records[0].Key);
        Assert.Equal(("shop.public.t", null, null), records[1]);
    }

    [Fact]
    public void Format_KeyOutsideOfReplicaIdentity_IsZeroInDeletes()
    {
        var table = Table([Column("id", Int4, isNotNull: true), Column("code", Text, isNotNull: true)], "id");
        Assert.Equal("""{"id":0}""", Format(Options(), Change(table, ChangeKind.Delete, old: Tuple(null, "one")))[0].Key);
        Assert.Equal(3, Format(Options(), Change(table, ChangeKind.Update, old: Tuple(null, "one"), @new: Tuple("1", "uno"))).Count);
    }

    [Fact]
    public void Format_KeyColumnsNamed_TakeThePlaceOfThePrimaryKey()
    {
        var options = Options() with { MessageKeyColumns = "other.t:id; PUBLIC\\..*:mail,name" };
        Assert.Equal("""{"mail":"a@b","name":"Ada"}""", Assert.Single(Format(options, Change(Customers, ChangeKind.Insert, @new: Tuple("1", "Ada", "a@b")))).Key);
        Assert.Throws<ConfigurationException>(() => Format(Options() with { MessageKeyColumns = "public.t" }, Change(Customers, ChangeKind.Insert, @new: Tuple("1", "Ada", null))));
    }

    [Fact]
    public void Format_DeleteWithKeyOnly_FillsRequiredColumns()
    {
        var table = Table(
            [
                Column("id", Int4, isNotNull: true), Column("b", 16, isNotNull: true), Column("n", Int4, isNotNull: true, @default: "3"), Column("d", 1082, isNotNull: true), Column("ts", 1184, isNotNull: true),
                Column("num", Numeric, modifier: ((6 << 16) | 2) + 4, isNotNull: true), Column("u", 2950, isNotNull: true), Column("bin", Bytea, isNotNull: true), Column("any", Numeric, isNotNull: true),
                Column("tz", 1266, isNotNull: true), Column("f", 701, isNotNull: true), Column("seen", 1184, isNotNull: true, @default: "now()"), Column("none", Int4, @default: "4"),
            ],
            "id");
        var old = Tuple("1", null, null, null, null, null, null, null, null, null, null, null, null);
        const string Required = """{"id":1,"b":false,"n":3,"d":0,"ts":"1970-01-01T00:00:00Z","num":"AA==","u":"","bin":"","any":{"scale":0,"value":"AA=="},"tz":"00:00:00Z","f":0.0,"seen":"1970-01-01T00:00:00.000000Z","none":""";

        Assert.Contains($"\"before\":{Required}null}}", Format(Options(), Change(table, ChangeKind.Delete, old: old))[0].Value, StringComparison.Ordinal);
        Assert.Contains($"\"before\":{Required}4}}", Format(Options(Compatibility.Exact), Change(table, ChangeKind.Delete, old: old))[0].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Format_UnchangedLargeValue_IsPlaceholderOrTheOldValue()
    {
        var table = Table([Column("id", Int4, isNotNull: true), Column("t", Text), Column("b", Bytea), Column("j", Json), Column("n", Numeric)], "id");
        var @new = Tuple("1", Unchanged, Unchanged, Unchanged, Unchanged);

        var record = Assert.Single(Format(Options(), Change(table, ChangeKind.Update, @new: @new)));
        Assert.Equal("""{"id":1,"t":"__debezium_unavailable_value","b":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==","j":"__debezium_unavailable_value","n":null}""", JsonDocument.Parse(record.Value!).RootElement.GetProperty("after").GetRawText());

        var whole = Assert.Single(Format(Options(), Change(table, ChangeKind.Update, old: Tuple("1", "long", "\\x01", "{}", null), @new: @new, oldIsWhole: true)));
        Assert.Equal("""{"id":1,"t":"long","b":"AQ==","j":"{}","n":null}""", JsonDocument.Parse(whole.Value!).RootElement.GetProperty("after").GetRawText());

        var key = Table([Column("k", Text, isNotNull: true), Column("v", Int4)], "k");
        var sameKey = Assert.Single(Format(Options(), Change(key, ChangeKind.Update, old: Tuple("long key", null), @new: Tuple(Unchanged, "2"))));
        Assert.Equal("""{"k":"long key"}""", sameKey.Key);
    }

    [Fact]
    public void Format_NullWithDefault_StaysNullUnlessExact()
    {
        var table = Table([Column("id", Int4, isNotNull: true), Column("v", Text, @default: "'dv'::text")], "id");
        var change = Change(table, ChangeKind.Insert, @new: Tuple("1", null));
        Assert.Equal("null", Field(Format(Options(), change)[0].Value, "after", "v"));
        Assert.Equal("\"dv\"", Field(Format(Options(Compatibility.Exact), change)[0].Value, "after", "v"));
    }

    [Fact]
    public void Format_Truncate_IsSkipped() => Assert.Empty(Format(Options(), Change(Customers, ChangeKind.Truncate)));

    [Fact]
    public void Format_TypesWithoutForm_AreLeftOutAndListed()
    {
        var table = Table([Column("id", Int4, isNotNull: true), Column("l", 628, "line"), Column("x", 3220, "pg_lsn"), Column("v", Text)], "id");
        Assert.Contains("\"after\":{\"id\":1,\"v\":\"a\"}", Format(Options(), Change(table, ChangeKind.Insert, @new: Tuple("1", "{1,2,3}", "0/1", "a")))[0].Value, StringComparison.Ordinal);
        Assert.Equal([new OmittedColumn("l", "line"), new OmittedColumn("x", "pg_lsn")], new DebeziumJsonFormatter(Options(), TimeProvider.System).Omitted(table));
    }

    [Fact]
    public void Format_NumericNaN_IsNullAndSaidSo()
    {
        var lost = new List<LostValue>();
        Assert.Equal("null", ValueFormTests.Written((int)Numeric, -1, "NaN", lost: lost.Add));
        Assert.Equal("null", ValueFormTests.Written((int)Numeric, ((8 << 16) | 2) + 4, "-Infinity", lost: lost.Add));
        Assert.Equal(["NaN", "-Infinity"], lost.Select(value => value.Value));
    }

    [Fact]
    public void Format_NameColumn_IsMissingOnlyInExactStream()
    {
        Assert.Equal("\"n\"", ValueFormTests.Written(19, -1, "n"));
        Assert.Equal("null", ValueFormTests.Written(19, -1, "n", Compatibility.Exact));
        Assert.Equal("\"n\"", ValueFormTests.Written(19, -1, "n", Compatibility.Exact, ChangeKind.Load));
    }

    [Fact]
    public void Format_OddNames_AreMadeSafeInTopicsOnly()
    {
        var table = new PgTable
        {
            Oid = 3, Schema = "My Schema", Name = "Ünïcode\"", ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = ["a\"b"], Columns = [Column("a\"b", Int4, isNotNull: true)],
        };
        var record = Assert.Single(Format(Options() with { Schemas = true }, Change(table, ChangeKind.Insert, @new: Tuple("1"))));
        Assert.Equal("shop.My_Schema._n_code_", record.Topic);
        Assert.Equal("""{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"a\"b"}],"optional":false,"name":"shop.My_Schema._n_code_.Key"},"payload":{"a\"b":1}}""", record.Key);
        Assert.Contains("\"schema\":\"My Schema\",\"table\":\"Ünïcode\\\"\"", record.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Format_NewVersionOfTable_IsCompiledAnew()
    {
        var later = Table([Column("id", Int4, isNotNull: true), Column("more", Text)], "id");
        var records = Format(Options(), Change(Customers, ChangeKind.Insert, @new: Tuple("1", "a", null)), Change(later, ChangeKind.Insert, @new: Tuple("2", "b")), Change(Customers, ChangeKind.Insert, @new: Tuple("3", "c", null)));
        Assert.Equal("\"b\"", Field(records[1].Value, "after", "more"));
        Assert.Equal("\"c\"", Field(records[2].Value, "after", "name"));
    }
}
