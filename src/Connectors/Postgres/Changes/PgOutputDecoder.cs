using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What a message of the replication stream is.</summary>
public enum PgMessageKind : byte
{
    /// <summary>A transaction begins; <see cref="PgOutputDecoder.Transaction"/> is it.</summary>
    Begin = (byte)'B',

    /// <summary>The transaction ended; <see cref="PgOutputDecoder.End"/> lies behind it.</summary>
    Commit = (byte)'C',

    /// <summary>Where a transaction came from that was replicated to the server.</summary>
    Origin = (byte)'O',

    /// <summary>A version of a table.</summary>
    Relation = (byte)'R',

    /// <summary>The name of a type.</summary>
    Type = (byte)'Y',

    /// <summary>A row was inserted.</summary>
    Insert = (byte)'I',

    /// <summary>A row was updated.</summary>
    Update = (byte)'U',

    /// <summary>A row was deleted.</summary>
    Delete = (byte)'D',

    /// <summary>One or more tables were truncated.</summary>
    Truncate = (byte)'T',

    /// <summary>A logical message.</summary>
    Message = (byte)'M',
}

/// <summary>Turns messages of pgoutput (protocol version 1, text form, with logical messages) into change events.</summary>
/// <remarks>
/// Knows the tables that the stream named, and nothing of connections. After each <see cref="Decode"/> the members that belong to the message's kind hold, until the next one.
/// The events point into the message's memory. Used by one thread.
/// </remarks>
/// <param name="catalog">Where to look up what Relation messages leave out.</param>
/// <param name="previousEnd">End LSN of the last commit before the stream, where it is known.</param>
public sealed class PgOutputDecoder(IPgCatalog catalog, Lsn? previousEnd = null)
{
    // The epoch of Postgres, 2000-01-01, in microseconds since 1970-01-01.
    private const long PostgresEpochMicros = 946_684_800_000_000;

    private readonly Dictionary<uint, PgTable> _tables = [];
    private ChangeEvent[] _changes = new ChangeEvent[1];
    private int _changeCount;
    private PgTransaction? _transaction;
    private PgTable? _lastTable;

    /// <summary>The open transaction, also still at its Commit; null outside of one.</summary>
    public PgTransaction? Transaction => _transaction;

    /// <summary>Whether a transaction has begun and not ended.</summary>
    public bool IsInTransaction { get; private set; }

    /// <summary>End LSN of the last Commit, or the LSN of the last message outside of transactions if that came later; null before the first.</summary>
    public Lsn? End { get; private set; } = previousEnd;

    /// <summary>After Insert, Update, Delete (one) and Truncate (one for each table): what changed.</summary>
    public ReadOnlySpan<ChangeEvent> Changes => _changes.AsSpan(0, _changeCount);

    /// <summary>After Message: the message.</summary>
    public PgLogicalMessage Message { get; private set; }

    /// <summary>After Relation: the table's new version.</summary>
    public PgTable? Table { get; private set; }

    /// <summary>Takes the next message of the stream.</summary>
    /// <param name="message">Its bytes; the events point into them.</param>
    /// <param name="start">The start LSN of its XLogData.</param>
    /// <exception cref="BadDataException">The bytes are no message of this protocol, or name a table that the stream didn't describe.</exception>
    public PgMessageKind Decode(ReadOnlyMemory<byte> message, Lsn start)
    {
        var cursor = new MessageCursor(message.Span);
        _changeCount = 0;
        var kind = (PgMessageKind)cursor.Byte();
        switch (kind)
        {
            case PgMessageKind.Insert: DecodeInsert(ref cursor, message, start); break;
            case PgMessageKind.Update: DecodeUpdate(ref cursor, message, start); break;
            case PgMessageKind.Delete: DecodeDelete(ref cursor, message, start); break;
            case PgMessageKind.Begin: DecodeBegin(ref cursor); break;
            case PgMessageKind.Commit: DecodeCommit(ref cursor); break;
            case PgMessageKind.Relation: DecodeRelation(ref cursor); break;
            case PgMessageKind.Truncate: DecodeTruncate(ref cursor, start); break;
            case PgMessageKind.Message: DecodeMessage(ref cursor, message); break;
            case PgMessageKind.Type or PgMessageKind.Origin: return kind; // the catalog knows types; origins aren't passed on
            default: cursor.Expect(false); break;
        }

        cursor.Expect(cursor.IsAtEnd);
        return kind;
    }

    private void DecodeBegin(ref MessageCursor cursor)
    {
        cursor.Expect(!IsInTransaction);
        var commit = cursor.Lsn();
        var micros = cursor.Int64() + PostgresEpochMicros;
        _transaction = new PgTransaction(cursor.UInt32(), commit, micros, End);
        IsInTransaction = true;
    }

    private void DecodeCommit(ref MessageCursor cursor)
    {
        cursor.Expect(IsInTransaction);
        cursor.Byte(); // flags, unused
        var commit = cursor.Lsn();
        cursor.Expect(commit == _transaction!.CommitLsn);
        End = cursor.Lsn();
        cursor.Int64(); // the time, as in Begin
        IsInTransaction = false;
    }

    private void DecodeInsert(ref MessageCursor cursor, ReadOnlyMemory<byte> message, Lsn start)
    {
        var table = FindTable(ref cursor);
        cursor.Expect(cursor.Byte() == 'N');
        _changes[0] = new ChangeEvent { Table = table, Kind = ChangeKind.Insert, Transaction = _transaction!, Lsn = start, New = Tuple(ref cursor, message) };
        _changeCount = 1;
    }

    private void DecodeUpdate(ref MessageCursor cursor, ReadOnlyMemory<byte> message, Lsn start)
    {
        var table = FindTable(ref cursor);
        var part = cursor.Byte();
        var old = default(TupleData);
        var isWhole = part == 'O';
        if (part is (byte)'K' or (byte)'O')
        {
            old = Tuple(ref cursor, message);
            part = cursor.Byte();
        }

        cursor.Expect(part == 'N');
        _changes[0] = new ChangeEvent
        {
            Table = table, Kind = ChangeKind.Update, Transaction = _transaction!, Lsn = start, Old = old, OldIsWhole = isWhole, New = Tuple(ref cursor, message),
        };
        _changeCount = 1;
    }

    private void DecodeDelete(ref MessageCursor cursor, ReadOnlyMemory<byte> message, Lsn start)
    {
        var table = FindTable(ref cursor);
        var part = cursor.Byte();
        cursor.Expect(part is (byte)'K' or (byte)'O');
        _changes[0] = new ChangeEvent { Table = table, Kind = ChangeKind.Delete, Transaction = _transaction!, Lsn = start, Old = Tuple(ref cursor, message), OldIsWhole = part == 'O' };
        _changeCount = 1;
    }

    private void DecodeTruncate(ref MessageCursor cursor, Lsn start)
    {
        cursor.Expect(IsInTransaction);
        var count = cursor.Int32();
        cursor.Byte(); // cascade and restart identity: the tables are all listed
        if (_changes.Length < count) _changes = new ChangeEvent[count];
        for (var i = 0; i < count; i++)
            _changes[i] = new ChangeEvent { Table = FindTable(cursor.UInt32()), Kind = ChangeKind.Truncate, Transaction = _transaction!, Lsn = start };
        _changeCount = count;
    }

    private void DecodeMessage(ref MessageCursor cursor, ReadOnlyMemory<byte> message)
    {
        var isTransactional = (cursor.Byte() & 1) != 0;
        var lsn = cursor.Lsn();
        var prefix = cursor.Text();
        var length = cursor.Int32();
        cursor.Expect(length >= 0 && length == message.Length - cursor.Offset);
        Message = new PgLogicalMessage(isTransactional, lsn, prefix, message.Slice(cursor.Offset, length));
        cursor = new MessageCursor(default);
        // After a restart from the last commit's end it would come again.
        if (!isTransactional) End = lsn;
    }

    private void DecodeRelation(ref MessageCursor cursor)
    {
        var oid = cursor.UInt32();
        var schema = cursor.Text();
        var name = cursor.Text();
        var identity = ReplicaIdentityOf(cursor.Byte());
        var columns = new PgRelationColumn[cursor.Int16()];
        for (var i = 0; i < columns.Length; i++)
        {
            var isIdentity = (cursor.Byte() & 1) != 0;
            columns[i] = new PgRelationColumn(cursor.Text(), cursor.UInt32(), cursor.Int32(), isIdentity);
        }

        // pg_catalog is sent as an empty name.
        var relation = new PgRelation(oid, schema.Length == 0 ? "pg_catalog" : schema, name, identity, columns);
        var table = relation.Describe(catalog, IsInTransaction ? _transaction!.CommitLsn : End ?? Lsn.None);
        // Postgres sends relations again for many reasons. What equals the version before stays the same object, so that what others derived from it stays good.
        Table = _tables[oid] = _tables.TryGetValue(oid, out var before) && table.HasSameContent(before) ? before : table;
        _lastTable = null;
    }

    private PgTable FindTable(ref MessageCursor cursor)
    {
        cursor.Expect(IsInTransaction);
        var oid = cursor.UInt32();
        return _lastTable is { } last && last.Oid == oid ? last : FindTable(oid);
    }

    private PgTable FindTable(uint oid) => _lastTable = _tables.TryGetValue(oid, out var table)
        ? table
        : throw new BadDataException($"The replication stream has a change of the relation with OID {oid}, which no Relation message described before. Expected is a stream that is read from where START_REPLICATION began it.");

    private static TupleData Tuple(ref MessageCursor cursor, ReadOnlyMemory<byte> message)
    {
        var start = cursor.Offset;
        return new TupleData(message.Slice(start, cursor.SkipTuple()));
    }

    internal static PgReplicaIdentity ReplicaIdentityOf(byte letter) => (char)letter switch
    {
        'd' => PgReplicaIdentity.Default,
        'n' => PgReplicaIdentity.Nothing,
        'f' => PgReplicaIdentity.Full,
        'i' => PgReplicaIdentity.Index,
        _ => throw new BadDataException($"Replica identity '{(char)letter}' is unknown; known are d, n, f and i."),
    };
}
