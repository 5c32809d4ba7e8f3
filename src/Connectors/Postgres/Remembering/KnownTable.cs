using System.Globalization;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>One version of a table whose rows are remembered, with the maps from rows of other versions.</summary>
internal sealed class KnownTable
{
    private readonly Dictionary<int, ColumnMap> _maps = [];
    private readonly StoredColumn[] _columns;
    private readonly int[] _key;
    private readonly bool _keyIsIdentity;

    /// <summary>Finds the version in what is remembered, or adds it.</summary>
    public KnownTable(PgTable table, IMemory<RowKey, StoredRow> memory)
    {
        (Table, _key) = (table, TupleKey.Places(table));
        // Loaded rows have no marks of the replica identity, and no old rows either.
        _keyIsIdentity = table.ReplicaIdentity != PgReplicaIdentity.Index || Array.TrueForAll(_key, k => table.Columns[k].IsIdentity);
        memory.TryGet(Self, out var newest);
        Round = newest.Round;
        _columns = Numbered(StoredColumn.Of(table), newest.Version == 0 ? [] : Columns(newest.Version, memory));
        for (Version = newest.Version; Version > 0; Version--)
            if (Columns(Version, memory).AsSpan().SequenceEqual(_columns)) return;
        Version = newest.Version + 1;
        memory.Set(new RowKey(0, VersionKey(Version)), new StoredRow(Version, 0, StoredColumn.Write(_columns)));
        memory.Set(Self, newest with { Version = Version });
    }

    /// <summary>The table.</summary>
    public PgTable Table { get; }

    /// <summary>The number that its rows are stored under.</summary>
    public int Version { get; }

    /// <summary>Which load of the table was the last to begin.</summary>
    public int Round { get; }

    private RowKey Self => new(0, Table.Oid.ToString(CultureInfo.InvariantCulture));

    /// <summary>A load of the table begins: rows that are met from now on belong to it. What was made of the table before has to be made anew.</summary>
    public void BeginRound(IMemory<RowKey, StoredRow> memory)
    {
        memory.TryGet(Self, out var newest);
        memory.Set(Self, newest with { Round = newest.Round + 1 });
    }

    /// <summary>The key of a row.</summary>
    public RowKey KeyOf(in TupleData row) => new(Table.Oid, TupleKey.Text(row, _key));

    /// <summary>Whether the old row of a change, as far as it was sent, has the primary key.</summary>
    public bool SendsKey(in ChangeEvent change) => change.OldIsWhole || _keyIsIdentity;

    /// <summary>A remembered row with the columns of this version.</summary>
    public TupleData Map(StoredRow stored, IMemory<RowKey, StoredRow> memory)
    {
        if (stored.Version == Version) return new TupleData(stored.Tuple.Memory);
        if (!_maps.TryGetValue(stored.Version, out var map)) _maps[stored.Version] = map = new ColumnMap(Columns(stored.Version, memory), _columns, Table);
        return map.Map(new TupleData(stored.Tuple.Memory));
    }

    // The catalog may be newer than the stream: what it doesn't know by this name any more has the number that it had before. Columns stand in the order of their numbers; where they don't,
    // names have moved since, and only what was known before counts.
    private static StoredColumn[] Numbered(StoredColumn[] columns, StoredColumn[] before)
    {
        var numbered = columns.Select(c => c.Number != 0 ? c : c with { Number = NumberBefore(c.Name) }).ToArray();
        return Ascends(numbered) ? numbered : [.. columns.Select(c => c with { Number = NumberBefore(c.Name) })];

        int NumberBefore(string name) => before.FirstOrDefault(b => b.Name == name)?.Number ?? 0;
    }

    private static bool Ascends(StoredColumn[] columns)
    {
        var last = 0;
        foreach (var column in columns.Where(c => c.Number != 0))
        {
            if (column.Number <= last) return false;
            last = column.Number;
        }

        return true;
    }

    private StoredColumn[] Columns(int version, IMemory<RowKey, StoredRow> memory) => memory.TryGet(new RowKey(0, VersionKey(version)), out var stored)
        ? StoredColumn.Read(stored.Tuple)
        : throw new InvariantException($"Version {version} of table {Table.FullName} is missing from the remembered rows.");

    private string VersionKey(int version) => string.Create(CultureInfo.InvariantCulture, $"{Table.Oid}/{version}");
}
