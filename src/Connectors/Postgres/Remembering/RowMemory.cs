using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Remembers the rows of tables, so that updates and deletes have the whole old row, and large values that PostgreSQL leaves out are filled in, without REPLICA IDENTITY FULL.</summary>
/// <remarks>
/// Rows are kept by primary key, with the columns of their time; a change of the table maps them when they are next needed. A row that was never seen whole (no initial load, or not loaded yet) leaves its event as it is.
/// </remarks>
/// <param name="patterns">The tables: "schema.name", with <c>*</c>.</param>
public sealed class RowMemory(IReadOnlyList<string> patterns) : IRememberingStep<ChangeEvent, RowKey, StoredRow>
{
    private const int TablesKept = 10_000;
    private readonly Dictionary<PgTable, KnownTable?> _tables = [];

    /// <summary>Whether a TRUNCATE is told as a delete of each row that was there, for targets which know nothing else. Default: it stays what it is.</summary>
    public bool TruncatesAsDeletes { get; init; }

    /// <inheritdoc/>
    public void Take(in ChangeEvent row, IMemory<RowKey, StoredRow> memory, IEventOutput<ChangeEvent> output)
    {
        if (row.Kind is ChangeKind.LoadBegin or ChangeKind.LoadEnd)
        {
            TakeLoad(row, memory, output);
            return;
        }

        if (row.Kind > ChangeKind.Truncate || TableOf(row.Table, memory) is not { } table)
        {
            output.Add(row);
            return;
        }

        switch (row.Kind)
        {
            case ChangeKind.Load or ChangeKind.Insert:
                Store(table, table.KeyOf(row.New), row.New, memory);
                output.Add(row);
                break;
            case ChangeKind.Update:
                output.Add(Updated(table, row, memory));
                break;
            case ChangeKind.Delete:
                output.Add(Deleted(table, row, memory));
                break;
            default:
                foreach (var (key, stored) in memory.All().Where(e => e.Key.Table == table.Table.Oid).ToList())
                {
                    memory.Remove(key);
                    if (TruncatesAsDeletes) output.Add(new ChangeEvent { Table = row.Table, Kind = ChangeKind.Delete, Transaction = row.Transaction, Lsn = row.Lsn, Old = table.Map(stored, memory), OldIsWhole = true });
                }

                if (!TruncatesAsDeletes) output.Add(row);
                break;
        }
    }

    // Rows that weren't met since the load began aren't there any more: what deleted them was never read.
    private void TakeLoad(in ChangeEvent load, IMemory<RowKey, StoredRow> memory, IEventOutput<ChangeEvent> output)
    {
        if (TableOf(load.Table, memory) is not { } table) return;
        var oid = load.Table.Oid;
        if (load.Kind == ChangeKind.LoadBegin)
        {
            table.BeginRound(memory);
            foreach (var version in _tables.Keys.Where(t => t.Oid == oid).ToList()) _tables.Remove(version);
            return;
        }

        foreach (var (key, stored) in memory.All().Where(e => e.Key.Table == oid && e.Value.Round < table.Round).ToList())
        {
            memory.Remove(key);
            output.Add(new ChangeEvent { Table = load.Table, Kind = ChangeKind.Delete, Transaction = load.Transaction, Lsn = load.Lsn, Old = table.Map(stored, memory), OldIsWhole = true });
        }
    }

    private static ChangeEvent Updated(KnownTable table, in ChangeEvent change, IMemory<RowKey, StoredRow> memory)
    {
        var key = table.KeyOf(change.New);
        var from = change.Old.IsAbsent || !table.SendsKey(change) ? key : table.KeyOf(change.Old);
        var old = change.OldIsWhole ? change.Old : Find(table, from, memory);
        if (old.IsAbsent && change.New.HasUnchanged) return change; // nothing to go on: the row isn't known before the load brings it
        var now = old.IsAbsent ? change.New : Filled(change.New, old);
        if (from != key) memory.Remove(from);
        Store(table, key, now, memory);
        return old.IsAbsent ? change : With(change, old, now);
    }

    private static ChangeEvent Deleted(KnownTable table, in ChangeEvent change, IMemory<RowKey, StoredRow> memory)
    {
        if (!table.SendsKey(change)) return change;
        var key = table.KeyOf(change.Old);
        var old = change.OldIsWhole ? change.Old : Find(table, key, memory);
        memory.Remove(key);
        return old.IsAbsent ? change : With(change, old, default);
    }

    private static TupleData Find(KnownTable table, RowKey key, IMemory<RowKey, StoredRow> memory) =>
        memory.TryGet(key, out var stored) ? table.Map(stored, memory) : default;

    private static void Store(KnownTable table, RowKey key, TupleData row, IMemory<RowKey, StoredRow> memory) =>
        memory.Set(key, new StoredRow(table.Version, table.Round, new Blob(row.Memory.ToArray())));

    private static ChangeEvent With(in ChangeEvent change, TupleData old, TupleData now) => new()
    {
        Table = change.Table, Kind = change.Kind, Transaction = change.Transaction, Lsn = change.Lsn, Place = change.Place, Old = old, OldIsWhole = true, New = now,
    };

    // The new row with the old one's values where they weren't sent.
    private static TupleData Filled(TupleData now, TupleData old)
    {
        if (!now.HasUnchanged) return now;
        using var writer = new TupleWriter(now.Memory.Length + old.Memory.Length);
        writer.Begin();
        var before = old.GetEnumerator();
        foreach (var value in now)
        {
            before.MoveNext();
            writer.Value(value.Kind == TupleData.ValueKind.Unchanged ? before.Current : value);
        }

        return new TupleData(writer.Written.ToArray());
    }

    private KnownTable? TableOf(PgTable table, IMemory<RowKey, StoredRow> memory)
    {
        if (_tables.TryGetValue(table, out var known)) return known;
        if (_tables.Count >= TablesKept) _tables.Clear();
        return _tables[table] = table.PrimaryKey.Count > 0 && TablePattern.Matches(patterns, table.FullName) ? new KnownTable(table, memory) : null;
    }
}
