using System.Text.Json;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>What is left out by skipped.operations and skip.messages.without.change, and what places in a transaction and its begin and end say then.</summary>
[Trait("suite", "unit")]
public sealed class SkippedRecordTests
{
    private static readonly PgTable Table = Rows.Table([Rows.Column("id", 23, isNotNull: true), Rows.Column("name", 25), Rows.Column("price", 1700)], "id");

    private static readonly DebeziumOptions All = new() { TopicPrefix = "shop", Database = "shop" };

    [Theory]
    [InlineData("none", "d tombstone c")]
    [InlineData("u", "d tombstone c")]
    [InlineData("c", "d tombstone")]
    [InlineData("d", "c")]
    [InlineData("c,d", "")]
    public void Format_KeyChanges_IsTwoRecordsSkippedEachByItsOwnLetter(string skipped, string expected) => Assert.Equal(
        expected,
        Operations(DebeziumSettings.Read(All, "skipped.operations", skipped), Rows.Change(Table, ChangeKind.Update, old: Rows.Tuple("1", null, null), @new: Rows.Tuple("2", "a", "1"))));

    [Fact]
    public void Format_SkipMessagesWithoutChange_UpdatesOfNothingThatIsCarriedAreLeftOut()
    {
        var options = DebeziumSettings.Read(DebeziumSettings.Read(All, "skip.messages.without.change", "true"), "column.exclude.list", "public.t.name");
        Assert.Equal(
            "u u",
            Operations(
                options,
                Rows.Change(Table, ChangeKind.Update, old: Rows.Tuple("1", "a", "1"), @new: Rows.Tuple("1", "b", "1"), oldIsWhole: true),
                Rows.Change(Table, ChangeKind.Update, old: Rows.Tuple("1", "a", "1.00"), @new: Rows.Tuple("1", "b", "1.0"), oldIsWhole: true),
                Rows.Change(Table, ChangeKind.Update, old: Rows.Tuple("1", "a", "1"), @new: Rows.Tuple("1", "b", Rows.Unchanged), oldIsWhole: true),
                Rows.Change(Table, ChangeKind.Update, old: Rows.Tuple("1", "a", "1"), @new: Rows.Tuple("1", "a", "2"), oldIsWhole: true),
                Rows.Change(Table, ChangeKind.Update, @new: Rows.Tuple("1", "a", "2"))));
    }

    [Fact]
    public void Format_TransactionWithNothingCarried_BeginsAndEndsWithoutEvents()
    {
        var options = DebeziumSettings.Read(All with { TransactionMetadata = true }, "table.exclude.list", "public.t");
        var records = Rows.Format(
            options, Rows.Change(Table, ChangeKind.Begin), Rows.Change(Table, ChangeKind.Insert, @new: Rows.Tuple("1", "a", "1")), Rows.Change(Table, ChangeKind.Commit), Rows.Change(Table, ChangeKind.Begin), Rows.Change(Table, ChangeKind.Commit));
        Assert.Equal(["BEGIN", "END 0"], records.Select(r => Transaction(r.Value!)));
    }

    [Theory]
    [InlineData("delete.tombstone.handling.mode", "drop", "u")]
    [InlineData("delete.tombstone.handling.mode", "tombstone", "tombstone u")]
    public void Format_PlainRows_WhatTheTransformationDropsWasCounted(string setting, string value, string expected)
    {
        var options = All with { TransactionMetadata = true, SkippedOperations = "", Unwrap = UnwrapSettings.Read(new UnwrapOptions { AddFields = ["op", "transaction.total_order"] }, setting, value) };
        var records = Rows.Format(
            options, Rows.Change(Table, ChangeKind.Begin), Rows.Change(Table, ChangeKind.Delete, old: Rows.Tuple("1", null, null)), Rows.Change(Table, ChangeKind.Truncate),
            Rows.Change(Table, ChangeKind.Update, @new: Rows.Tuple("2", "a", "1")), Rows.Change(Table, ChangeKind.Commit));
        var rows = records.Where(r => r.Topic == "shop.public.t").ToList();
        Assert.Equal(expected, string.Join(' ', rows.Select(r => r.Value is null ? "tombstone" : Property(r.Value, "__op").GetString())));
        Assert.Equal(3, Property(rows[^1].Value!, "__transaction_total_order").GetInt64());
        Assert.Equal("END 3", Transaction(records[^1].Value!));
    }

    private static string Transaction(string value) => Property(value, "event_count") is { ValueKind: JsonValueKind.Number } count ? $"{Property(value, "status")} {count}" : $"{Property(value, "status")}";

    private static string Operations(DebeziumOptions options, params ChangeEvent[] changes) =>
        string.Join(' ', Rows.Format(options, changes).Select(r => r.Value is null ? "tombstone" : Property(r.Value, "op").GetString()));

    private static JsonElement Property(string json, string name) => JsonDocument.Parse(json).RootElement.GetProperty(name);
}
