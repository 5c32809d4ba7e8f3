using System.Text;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>Plain rows: what each change becomes. How values are written is compared with row_to_json by the integration tests.</summary>
[Trait("suite", "unit")]
public sealed class PlainRowTests
{
    private static readonly PgTable Items = Rows.Table([Rows.Column("id", 23), Rows.Column("na\"me", 25), Rows.Column("price", 1700)], "id");

    [Fact]
    public void Format_LoadInsertUpdateDelete_RowsAndTombstones()
    {
        var records = Format(
            Rows.Change(Items, ChangeKind.Load, @new: Rows.Tuple("1", "żółw", "1.50")), Rows.Change(Items, ChangeKind.Insert, @new: Rows.Tuple("2", "<b>\n", null)),
            Rows.Change(Items, ChangeKind.Update, @new: Rows.Tuple("1", "b", "NaN")), Rows.Change(Items, ChangeKind.Delete, old: Rows.Tuple("2", null, null)));
        Assert.Equal(
            [
                """{"id":1} {"id":1,"na\"me":"żółw","price":1.50}""", """{"id":2} {"id":2,"na\"me":"<b>\n","price":null}""",
                """{"id":1} {"id":1,"na\"me":"b","price":"NaN"}""", """{"id":2} -""",
            ],
            records.Select(r => $"{r.Key} {r.Value ?? "-"}"));
        Assert.All(records, r => Assert.Equal("shop.public.t", r.Topic));
    }

    [Fact]
    public void Format_KeyChanges_OldKeyIsGoneFirst() =>
        Assert.Equal(
            ["""{"id":1} -""", """{"id":9} {"id":9,"na\"me":"__debezium_unavailable_value","price":1}"""],
            Format(Rows.Change(Items, ChangeKind.Update, old: Rows.Tuple("1", null, null), @new: Rows.Tuple("9", Rows.Unchanged, "1"))).Select(r => $"{r.Key} {r.Value ?? "-"}"));

    [Fact]
    public void Format_ValueThatWasNotSent_IsTakenFromAWholeOldRow() =>
        Assert.Equal(
            """{"id":1,"na\"me":"large","price":2}""",
            Assert.Single(Format(Rows.Change(Items, ChangeKind.Update, old: Rows.Tuple("1", "large", "1"), @new: Rows.Tuple("1", Rows.Unchanged, "2"), oldIsWhole: true))).Value);

    [Fact]
    public void Format_TableWithoutKey_TakesInsertsAndRefusesMore()
    {
        var table = Rows.Table(Items.Columns);
        Assert.Null(Assert.Single(Format(Rows.Change(table, ChangeKind.Insert, @new: Rows.Tuple("1", "a", "1")))).Key);
        Assert.Contains("has no key", Assert.Throws<BadDataException>(() => Format(Rows.Change(table, ChangeKind.Delete, old: Rows.Tuple("1", "a", "1"), oldIsWhole: true))).Message);
    }

    [Fact]
    public void Format_ReplicaIdentityWithoutTheKey_IsRefused()
    {
        var table = new PgTable { Oid = 1, Schema = "public", Name = "t", ReplicaIdentity = PgReplicaIdentity.Index, PrimaryKey = ["id"], Columns = Items.Columns };
        Assert.Contains("REPLICA IDENTITY USING INDEX", Assert.Throws<BadDataException>(() => Format(Rows.Change(table, ChangeKind.Delete, old: Rows.Tuple(null, "a", null)))).Message);
    }

    [Fact]
    public void Format_Truncate_IsTold()
    {
        var told = new List<string>();
        Assert.Empty(Format(told.Add, Rows.Change(Items, ChangeKind.Truncate)));
        Assert.Equal(["public.t"], told);
    }

    private static List<(string Topic, string? Key, string? Value)> Format(params ChangeEvent[] changes) => Format(null, changes);

    private static List<(string Topic, string? Key, string? Value)> Format(Action<string>? truncated, params ChangeEvent[] changes)
    {
        using var output = new OutputBuffer();
        new PlainJsonFormatter("shop", truncated).Format(changes, output);
        var records = new List<(string, string?, string?)>();
        for (var rest = output.Bytes.Span; !rest.IsEmpty;)
        {
            var row = OutputBuffer.Read(ref rest, output.Destinations);
            records.Add((row.Destination, row.HasKey ? Encoding.UTF8.GetString(row.Key) : null, row.HasValue ? Encoding.UTF8.GetString(row.Value) : null));
        }

        return records;
    }
}
