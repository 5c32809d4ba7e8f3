using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using static Pathway.Tests.Unit.Debezium.Rows;

namespace Pathway.Tests.Unit.Debezium.Reading;

/// <summary>Records in the form of Debezium as a keyed table: every op, with and without schemas, with and without envelope.</summary>
[Trait("suite", "unit")]
public sealed class ReadTableTests
{
    private const uint Int4 = 23, Text = 25, Date = 1082;

    private static readonly PgTable Customers = Table([Column("id", Int4, "int4", isNotNull: true), Column("full_name", Text, "text"), Column("born", Date, "date")], "id");

    [Fact]
    public void Table_EveryOp_IsAnUpsert()
    {
        var records = Format(
            Options() with { Schemas = true, SkippedOperations = "none" },
            Change(Customers, ChangeKind.Load, @new: Tuple("1", "Ada", "1815-12-10"), place: LoadPlace.Last),
            Change(Customers, ChangeKind.Insert, @new: Tuple("2", "Alan", null)),
            Change(Customers, ChangeKind.Update, @new: Tuple("2", "Alan Turing", "1912-06-23")),
            Change(Customers, ChangeKind.Update, old: Tuple("2", null, null), @new: Tuple("3", "Alan Turing", "1912-06-23")),
            Change(Customers, ChangeKind.Delete, old: Tuple("1", null, null)),
            Change(Customers, ChangeKind.Truncate));
        var upserts = ReadBack.Read(DebeziumParsers.Table<int, Customer>(), records);
        Assert.Equal(
            ["1 Ada 1815-12-10", "2 Alan ", "2 Alan Turing 1912-06-23", "-2", "3 Alan Turing 1912-06-23", "-1", "clear"],
            upserts.Select(Describe));
    }

    [Fact]
    public void Table_BareJson_ReadsNumbersTextAndDatesInText()
    {
        var upserts = ReadBack.Read(
            DebeziumParsers.Table<int, Customer>(),
            ("shop.public.t", """{"id":1}""", """{"before":null,"after":{"id":1,"full_name":"Ada","born":"1815-12-10","more":null},"source":{"schema":"public","table":"t"},"op":"c","ts_ms":1}"""),
            ("shop.public.t", """{"id":1}""", """{"before":{"id":1},"after":null,"source":{"schema":"public","table":"t"},"op":"d","ts_ms":1,"transaction":null}"""),
            ("shop.public.t", """{"id":1}""", null));
        Assert.Equal(["1 Ada 1815-12-10", "-1"], upserts.Select(Describe));
    }

    [Fact]
    public void Table_UnavailableValue_KeepsTheOldOne()
    {
        var records = Format(
            Options() with { Schemas = true },
            Change(Customers, ChangeKind.Insert, @new: Tuple("1", "a large one", null)), Change(Customers, ChangeKind.Update, @new: Tuple("1", Unchanged, "2000-01-01")));
        var upserts = ReadBack.Read(DebeziumParsers.Table<int, Customer>(), records);
        Assert.Equal(UpsertKind.Change, upserts[1].Kind);
        Assert.Equal(new Customer(1, "a large one", new DateOnly(2000, 1, 1)), upserts[1].Patch!.Apply(upserts[0].Row!));
    }

    [Fact]
    public void Table_Unwrapped_TombstonesAndDeletedRowsAreDeletes()
    {
        var options = new DebeziumReadOptions { Unwrapped = true };
        var upserts = ReadBack.Read(
            DebeziumParsers.Table<int, Customer>(options),
            ("shop.public.t", """{"id":5}""", null),
            ("shop.public.t", """{"id":1}""", """{"id":1,"full_name":"Ada","born":null,"__op":"c","__deleted":"false"}"""),
            ("shop.public.t", """{"id":1}""", null),
            ("shop.public.t", """{"id":2}""", """{"id":2,"full_name":null,"born":null,"__deleted":"true"}"""));
        Assert.Equal(["-5", "1 Ada ", "-1", "-2"], upserts.Select(Describe));
    }

    [Theory]
    [InlineData("""{"id":1}""", """{"id":1,"full_name":"Ada"}""", "no 'op'")]
    [InlineData("""{"id":1}""", """{"before":null,"after":null,"source":{"table":"t"},"op":"u"}""", "no 'after'")]
    [InlineData("""{"id":1}""", """{"after":{"id":1},"op":"x"}""", "op is 'x'")]
    [InlineData("""{"id":1}""", """{"after":""", "isn't JSON")]
    [InlineData("""{"nr":1}""", """{"after":{"id":1,"full_name":"a","born":null},"op":"c"}""", "field 'nr'")]
    [InlineData("""{"id":1}""", """{"after":{"id":"one","full_name":"a","born":null},"op":"c"}""", "column id")]
    public void Table_OtherForm_IsNamed(string key, string value, string named)
    {
        var bad = Assert.ThrowsAny<Exception>(() => ReadBack.Read(DebeziumParsers.Table<int, Customer>(), ("shop.public.t", key, value)));
        Assert.True(bad is FormatException or BadDataException, bad.ToString());
        Assert.Contains(named, bad.Message, StringComparison.Ordinal);
    }

    private static string Describe(Upsert<int, Customer> upsert) => upsert.Kind switch
    {
        UpsertKind.Put => $"{upsert.Row!.Id} {upsert.Row.FullName} {upsert.Row.Born:yyyy-MM-dd}",
        UpsertKind.Delete => $"-{upsert.Key}",
        UpsertKind.Clear => "clear",
        _ => "change",
    };

    private sealed record Customer(int Id, string? FullName, DateOnly? Born);
}
