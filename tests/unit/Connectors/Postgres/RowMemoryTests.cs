using Pathway.Connectors.Postgres;
using Pathway.Core;
using static Pathway.Tests.Unit.Connectors.TupleText;

namespace Pathway.Tests.Unit.Connectors;

/// <summary>Remembered rows through changes of their table.</summary>
[Trait("suite", "unit")]
public sealed class RowMemoryTests
{
    private static readonly PgType Int = new() { Oid = 23, Name = "int4" }, Words = new() { Oid = 25, Name = "text" }, Stamp = new() { Oid = 1114, Name = "timestamp" };

    private readonly Store _store = new();
    private readonly RowMemory _memory = new(["public.*"]);

    [Fact]
    public void Update_ValueNotSent_IsFilledInAndTheOldRowIsWhole()
    {
        var table = Table(("id", Int, 1, null, null), ("body", Words, 2, null, null));
        Take(ChangeKind.Insert, table, now: "1|large");

        var change = Assert.Single(Take(ChangeKind.Update, table, now: "1|?"));

        Assert.True(change.OldIsWhole);
        Assert.Equal(("1|large", "1|large"), (Text(change.Old), Text(change.New)));
    }

    [Fact]
    public void Update_RowNeverSeen_StaysAsItIs()
    {
        var table = Table(("id", Int, 1, null, null), ("body", Words, 2, null, null));

        var change = Assert.Single(Take(ChangeKind.Update, table, now: "1|?"));

        Assert.True(change.Old.IsAbsent);
        Assert.Equal("1|?", Text(change.New));
    }

    [Fact]
    public void Delete_ColumnsRenamedDroppedAddedAndOfAnotherType_OldRowHasWhatIsKnown()
    {
        Take(ChangeKind.Insert, Table(("id", Int, 1, null, null), ("gone", Int, 2, null, null), ("body", Words, 3, null, null), ("at", Words, 4, null, null)), now: "1|2|text|2020-01-01");
        var now = Table(("id", Int, 1, null, null), ("content", Words, 3, null, null), ("at", Stamp, 4, null, null), ("added", Words, 5, null, null), ("word", Words, 6, "'w'", "w"), ("random", Words, 7, "random()", null));

        var change = Assert.Single(Take(ChangeKind.Delete, now, old: "1|-|-|-|-|-"));

        Assert.Equal("1|text|?|-|w|?", Text(change.Old));
    }

    [Fact]
    public void Update_CatalogNewerThanTheStream_ColumnKeepsItsNumber()
    {
        Take(ChangeKind.Insert, Table(("id", Int, 1, null, null), ("body", Words, 2, null, null)), now: "1|text");
        Take(ChangeKind.Update, Table(("id", Int, 1, null, null), ("body", Words, 0, null, null), ("more", Words, 3, null, null)), now: "1|other|x");

        var change = Assert.Single(Take(ChangeKind.Delete, Table(("id", Int, 1, null, null), ("content", Words, 2, null, null), ("more", Words, 3, null, null)), old: "1|-|-"));

        Assert.Equal("1|other|x", Text(change.Old));
    }

    [Fact]
    public void LoadEnd_RowsNotMetSinceItBegan_AreDeleted()
    {
        var table = Table(("id", Int, 1, null, null), ("body", Words, 2, null, null));
        foreach (var row in new[] { "1|a", "2|b", "3|c" }) Take(ChangeKind.Load, table, now: row);
        Assert.Empty(Take(ChangeKind.LoadBegin, table));
        Take(ChangeKind.Load, table, now: "1|a");
        Take(ChangeKind.Update, table, now: "3|d");

        var change = Assert.Single(Take(ChangeKind.LoadEnd, table));

        Assert.Equal((ChangeKind.Delete, "2|b"), (change.Kind, Text(change.Old)));
        Assert.Empty(Take(ChangeKind.LoadEnd, table));
    }

    [Fact]
    public void Truncate_ForgetsTheTableAlone()
    {
        var (table, other) = (Table(("id", Int, 1, null, null)), Table(("id", Int, 1, null, null), oid: 78));
        Take(ChangeKind.Insert, table, now: "1");
        Take(ChangeKind.Insert, other, now: "1");
        Take(ChangeKind.Truncate, table);

        Assert.True(Assert.Single(Take(ChangeKind.Update, table, now: "1")).Old.IsAbsent);
        Assert.False(Assert.Single(Take(ChangeKind.Update, other, now: "1")).Old.IsAbsent);
    }

    private List<ChangeEvent> Take(ChangeKind kind, PgTable table, string? now = null, string? old = null)
    {
        var output = new Output();
        _memory.Take(new ChangeEvent { Table = table, Kind = kind, Transaction = new PgTransaction(1, default, 0, null), Lsn = default, New = Tuple(now), Old = Tuple(old) }, _store, output);
        return output.Events;
    }

    private static PgTable Table((string Name, PgType Type, int Number, string? Default, string? Missing) id, uint oid = 77) => Table(oid, id);

    private static PgTable Table(params (string Name, PgType Type, int Number, string? Default, string? Missing)[] columns) => Table(77, columns);

    private static PgTable Table(uint oid, params (string Name, PgType Type, int Number, string? Default, string? Missing)[] columns) => new()
    {
        Oid = oid, Schema = "public", Name = "t", ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = ["id"],
        Columns = [.. columns.Select(c => new PgColumn { Name = c.Name, Type = c.Type, Number = c.Number, Default = c.Default, Missing = c.Missing, IsIdentity = c.Name == "id" })],
    };

    private sealed class Output : IEventOutput<ChangeEvent>
    {
        public List<ChangeEvent> Events { get; } = [];

        public void Add(in ChangeEvent row) => Events.Add(row);
    }

    private sealed class Store : IMemory<RowKey, StoredRow>
    {
        private readonly Dictionary<RowKey, StoredRow> _rows = [];

        public bool TryGet(in RowKey key, out StoredRow value) => _rows.TryGetValue(key, out value);

        public void Set(in RowKey key, in StoredRow value) => _rows[key] = value;

        public bool Remove(in RowKey key) => _rows.Remove(key);

        public IEnumerable<KeyValuePair<RowKey, StoredRow>> All() => _rows;
    }
}
