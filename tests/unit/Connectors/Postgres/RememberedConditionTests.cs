using Pathway.Connectors;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using static Pathway.Tests.Unit.Connectors.TupleText;

namespace Pathway.Tests.Unit.Connectors;

/// <summary>A condition over remembered rows while the load hasn't reached them: what goes out, applied one after the other, is what the condition lets through of what the load has brought.</summary>
[Trait("suite", "unit")]
public sealed class RememberedConditionTests : IStreamFormatter<ChangeEvent>, IMemory<RowKey, StoredRow>, IEventOutput<ChangeEvent>
{
    private static readonly PgTable Table = new()
    {
        Oid = 77, Schema = "public", Name = "t", ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = ["id"],
        Columns = [Column("id", 23, "int4", 1), Column("state", 25, "text", 2), Column("large", 25, "text", 3)],
    };

    private readonly RowMemory _memory = new(["public.*"]);
    private readonly ShapingFormatter _shaping;
    private readonly Dictionary<RowKey, StoredRow> _stored = [];
    private readonly List<ChangeEvent> _given = [];
    private readonly List<string> _out = [];

    public RememberedConditionTests() => _shaping = new ShapingFormatter(this, [new TableRules("public.t") { Where = RowFilter.Parse("state = 'in'"), RowsAreRemembered = true }]);

    [Fact]
    public void Updates_BeforeTheLoadReachesTheRow_WaitForIt()
    {
        Take(ChangeKind.Update, "1|out|?");
        Take(ChangeKind.Update, "1|in|?");
        Take(ChangeKind.Update, "1|in|?");
        Assert.Empty(_out);
        Take(ChangeKind.Load, "1|in|whole");
        Take(ChangeKind.Update, "1|out|?");
        Assert.Equal(["Load 1|in|whole", "Delete 1|in|whole"], _out);
    }

    [Fact]
    public void Update_ThatSendsTheWholeRow_IsCarriedBeforeTheLoad()
    {
        Take(ChangeKind.Update, "1|in|?");
        Take(ChangeKind.Update, "1|in|sent");
        Take(ChangeKind.Update, "1|in|?");
        Take(ChangeKind.Update, "1|out|?");
        Assert.Equal(["Insert 1|in|sent", "Update 1|in|sent", "Delete 1|in|sent"], _out);
    }

    [Fact]
    public void Delete_BeforeTheLoadReachesTheRow_IsNothing()
    {
        Take(ChangeKind.Update, "1|in|?");
        Take(ChangeKind.Delete, null, "1|-|-");
        Assert.Empty(_out);
    }

    [Fact]
    public void KeyChanged_OfRowThatIsNotKnown_IsRefused()
    {
        Take(ChangeKind.Update, "1|in|?");
        Assert.Contains("The key of a row of public.t was changed before the load has reached the row", Assert.Throws<BadDataException>(() => Take(ChangeKind.Update, "2|in|?", "1|-|-")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyChanged_OfRowThatIsKnown_MovesIt()
    {
        Take(ChangeKind.Load, "1|in|whole");
        Take(ChangeKind.Update, "2|in|?", "1|-|-");
        Assert.Equal(["Load 1|in|whole", "Update 2|in|whole"], _out);
    }

    void IStreamFormatter<ChangeEvent>.Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
    {
        foreach (var row in rows) _out.Add($"{row.Kind} {Text(row.New.IsAbsent ? row.Old : row.New)}");
    }

    void IEventOutput<ChangeEvent>.Add(in ChangeEvent row) => _given.Add(row);

    bool IMemory<RowKey, StoredRow>.TryGet(in RowKey key, out StoredRow value) => _stored.TryGetValue(key, out value);

    void IMemory<RowKey, StoredRow>.Set(in RowKey key, in StoredRow value) => _stored[key] = value;

    bool IMemory<RowKey, StoredRow>.Remove(in RowKey key) => _stored.Remove(key);

    IEnumerable<KeyValuePair<RowKey, StoredRow>> IMemory<RowKey, StoredRow>.All() => _stored;

    private void Take(ChangeKind kind, string? now, string? old = null)
    {
        _given.Clear();
        _memory.Take(new ChangeEvent { Table = Table, Kind = kind, Transaction = new PgTransaction(1, default, 0, null), Lsn = default, New = Tuple(now), Old = Tuple(old) }, this, this);
        using var buffer = new OutputBuffer();
        _shaping.Format(_given.ToArray(), buffer);
    }

    private static PgColumn Column(string name, uint oid, string type, int number) => new() { Name = name, Type = new PgType { Oid = oid, Name = type }, Number = number, IsIdentity = number == 1 };
}
