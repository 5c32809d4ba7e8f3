using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>Plain rows as ExtractNewRecordState makes them, beyond what the recordings have.</summary>
[Trait("suite", "unit")]
public sealed class UnwrapTests
{
    private static readonly PgTable Table = Rows.Table([Rows.Column("id", 23, isNotNull: true), Rows.Column("kind", 25), Rows.Column("price", 1700, modifier: (6 << 16) + 2 + 4)], "id");

    [Theory]
    [InlineData("delete.handling.mode=drop", UnwrapDeletes.Drop)]
    [InlineData("delete.handling.mode=rewrite", UnwrapDeletes.Rewrite)]
    [InlineData("drop.tombstones=false;delete.handling.mode=rewrite", UnwrapDeletes.RewriteWithTombstone)]
    [InlineData("delete.handling.mode=rewrite;drop.tombstones=false", UnwrapDeletes.RewriteWithTombstone)]
    [InlineData("drop.tombstones=false", UnwrapDeletes.DeleteToTombstone)]
    [InlineData("delete.handling.mode=none", UnwrapDeletes.Tombstone)]
    [InlineData("delete.tombstone.handling.mode=rewrite;drop.tombstones=true;delete.handling.mode=drop", UnwrapDeletes.Rewrite)]
    public void Read_SettingsOfOlderVersions_SayTogetherWhatTheNewerOneSays(string settings, UnwrapDeletes expected) =>
        Assert.Equal(expected, Read(settings).Deletes);

    [Theory]
    [InlineData("drop.tombstones=perhaps", "'perhaps' isn't known; known are true, false.")]
    [InlineData("replace.null.with.default=perhaps", "'perhaps' isn't known; known are true, false.")]
    [InlineData("drop.fields.header.name=x", "another transformation")]
    public void Read_WhatCantBe_IsRefused(string settings, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => Read(settings)).Message);

    [Fact]
    public void Format_RouteByField_RowsGoToTheTopicThatTheyName() => Assert.Equal(
        ["toys", "no_legal_name", "shop.public.t", "shop.public.t"],
        Format(
            "route.by.field=kind",
            Rows.Change(Table, ChangeKind.Load, @new: Rows.Tuple("1", "toys", "1.50")), Rows.Change(Table, ChangeKind.Insert, @new: Rows.Tuple("2", "no legal name", "1.50")),
            Rows.Change(Table, ChangeKind.Insert, @new: Rows.Tuple("3", null, "1.50")), Rows.Change(Table, ChangeKind.Update, @new: Rows.Tuple("4", " ", "1.50"))).Select(r => r.Topic));

    [Theory]
    [InlineData("route.by.field=kind", Compatibility.Right, "toys")]
    [InlineData("route.by.field=kind;delete.tombstone.handling.mode=rewrite-with-tombstone", Compatibility.Right, "toys toys")]
    [InlineData("route.by.field=kind;delete.tombstone.handling.mode=rewrite-with-tombstone", Compatibility.Exact, "toys shop.public.t")]
    public void Format_RouteByField_DeletesGoWhereTheOldRowSays(string settings, Compatibility compatibility, string topics) => Assert.Equal(
        topics,
        string.Join(' ', Rows.Format(Options(settings) with { Compatibility = compatibility }, Rows.Change(Table, ChangeKind.Delete, old: Rows.Tuple("1", "toys", "1.50"), oldIsWhole: true)).Select(r => r.Topic)));

    [Theory]
    [InlineData("route.by.field=colour", "no field 'colour'")]
    [InlineData("route.by.field=id", "no text in the field 'id'")]
    public void Format_RouteByFieldThatIsNoText_IsRefused(string settings, string message)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Format(settings, Rows.Change(Table, ChangeKind.Insert, @new: Rows.Tuple("1", "toys", "1.50"))));
        Assert.Contains(message, fault.Message);
        Assert.Contains("public.t", fault.Message);
    }

    private static UnwrapOptions Read(string settings) => settings.Split(';').Aggregate(new UnwrapOptions(), (options, setting) => UnwrapSettings.Read(options, setting.Split('=')[0], setting.Split('=')[1]));

    private static DebeziumOptions Options(string settings) => new() { TopicPrefix = "shop", Database = "shop", Unwrap = Read(settings) };

    private static List<(string Topic, string? Key, string? Value)> Format(string settings, params ChangeEvent[] changes) => Rows.Format(Options(settings), changes);
}
