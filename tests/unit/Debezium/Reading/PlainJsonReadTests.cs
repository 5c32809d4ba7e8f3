using System.Text;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Debezium.Reading;

/// <summary>Plain JSON as change events: columns, types and keys, and what isn't of the form.</summary>
[Trait("suite", "unit")]
public sealed class PlainJsonReadTests
{
    [Fact]
    public void Changes_KeyIsAnObject_ItsMembersAreTheKey()
    {
        var changes = Read([], ("shop.public.items", """{"id":1}""", """{"name":"a","price":1.50,"ok":true,"tags":["x"],"more":null}"""), ("shop.public.items", """{"id":1}""", null));
        Assert.Equal("public.items (id) name:text=a price:numeric=1.50 ok:bool=t tags:jsonb=[\"x\"] more:text=NULL id:numeric=1", changes[0]);
        Assert.Equal("public.items (id) - id:numeric=1", changes[1]);
    }

    [Fact]
    public void Changes_KeyIsNamed_ItIsTakenFromTheValueAndOfTombstonesFromTheKey()
    {
        Assert.Equal("public.items (id) id:text=a n:numeric=1", Assert.Single(Read(["id"], ("items", "other", """{"id":"a","n":1}"""))));
        Assert.Equal("public.items (id) - id:text=a", Assert.Single(Read(["id"], ("items", "a", null))));
        Assert.Equal("public.items (id) - id:numeric=7", Assert.Single(Read(["id"], ("items", "7", null))));
        Assert.Equal("public.items (a, b) - a:numeric=1 b:numeric=2", Assert.Single(Read(["a", "b"], ("items", """{"b":2,"a":1}""", null))));
    }

    [Fact]
    public void Changes_ColumnOfSeveralKinds_IsTextThen()
    {
        var changes = Read(["id"], ("items", null, """{"id":1,"v":null}"""), ("items", null, """{"id":1,"v":1}"""), ("items", null, """{"id":1,"v":"x"}"""), ("items", null, """{"id":1,"v":2}"""));
        Assert.Equal(["v:text=NULL", "v:numeric=1", "v:text=x", "v:text=2"], changes.Select(c => c[(c.LastIndexOf(' ') + 1)..]));
    }

    [Fact]
    public void Changes_WithoutKey_AreAddedRows() => Assert.Equal("public.events () n:numeric=1", Assert.Single(Read([], ("events", null, """{"n":1}"""))));

    [Theory]
    [InlineData("", null, "[1]", "its value holds Array, not an object of columns")]
    [InlineData("", null, "{\"a\":1} x", "its value isn't JSON")]
    [InlineData("", null, null, "it has neither key nor value")]
    [InlineData("", "plain", "{\"a\":1}", "its key is \"plain\", no object of columns. Name the columns of the key (key: [id])")]
    [InlineData("id", null, "{\"a\":1}", "neither its value nor its key has the column 'id' of the key")]
    [InlineData("id", null, "{\"id\":null}", "the column 'id' of its key is null")]
    public void Changes_WhatIsNotOfTheForm_IsSaidSo(string named, string? key, string? value, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Read(named.Length == 0 ? [] : [named], ("items", key, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Changes_KeyOfOtherColumnsThanBefore_IsRefused() =>
        Assert.Contains("its key has the columns (b), where those before it had (a)", Assert.Throws<FormatException>(() => Read([], ("items", """{"a":1}""", "{}"), ("items", """{"b":1}""", "{}"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Changes_DocumentsWithoutEnvelope_AreKeyedByTheirOwnId()
    {
        var options = new DebeziumReadOptions { Unwrapped = true, Documents = true };
        var changes = ReadBack.Read(
            DebeziumParsers.Changes(options),
            ("docs.inventory.customers", """{"id":"{\"$oid\": \"5b50\"}"}""", """{"_id":"5b50","name":"Anne","n":1}"""), ("docs.inventory.customers", """{"id":"{\"$oid\": \"5b50\"}"}""", null),
            ("docs.inventory.customers", """{"id":"{\"$oid\": \"5b51\"}"}""", """{"_id":"5b51","__deleted":"true"}""")).Select(Describe).ToList();
        Assert.Equal(["inventory.customers (_id) _id:text=5b50 name:text=Anne n:text=1", "inventory.customers (_id) - _id:text=5b50", "inventory.customers (_id) - _id:text=5b51"], changes);
        // A restart may begin with a delete.
        Assert.Equal("inventory.customers (_id) - _id:text=1004", Describe(Assert.Single(ReadBack.Read(DebeziumParsers.Changes(options), ("docs.inventory.customers", """{"id":"1004"}""", null)))));
    }

    private static List<string> Read(IReadOnlyList<string> key, params (string Topic, string? Key, string? Value)[] records) => [.. ReadBack.Read(PlainJsonParsers.Changes(key), records).Select(Describe)];

    private static string Describe(ChangeEvent change)
    {
        var text = new StringBuilder($"{change.Table.FullName} ({string.Join(", ", change.Table.PrimaryKey)})");
        if (change.Kind == ChangeKind.Delete) text.Append(" -");
        var column = 0;
        foreach (var value in change.Kind == ChangeKind.Delete ? change.Old : change.New)
        {
            var described = change.Table.Columns[column++];
            if (change.Kind == ChangeKind.Delete && !change.Table.PrimaryKey.Contains(described.Name)) continue;
            text.Append($" {described.Name}:{described.Type.Name}={(value.Kind == TupleData.ValueKind.Null ? "NULL" : Encoding.UTF8.GetString(value.Bytes))}");
        }

        return text.ToString();
    }
}
