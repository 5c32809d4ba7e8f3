using System.Buffers.Binary;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Decodes pgoutput, protocol version 1 with logical messages, in text format. Pure: bytes and a catalog in, changes out.</summary>
/// <remarks>Messages have to come in the order of the stream, from a transaction's Begin on. Changes point into the memory that was given.</remarks>
public sealed class PgOutputDecoder(IPgCatalog catalog)
{
    private const long MicrosFrom1970To2000 = 946_684_800_000_000;
    private readonly Dictionary<uint, PgTable> _tables = [];

    /// <summary>The transaction that is open; null between two.</summary>
    public PgTransaction? Transaction { get; private set; }

    /// <summary>The end of the last transaction that was decoded; null before the first.</summary>
    public Lsn? LastEnd { get; private set; }

    /// <summary>Decodes one message that begins at <paramref name="start"/> in the WAL.</summary>
    /// <exception cref="ConnectorException">The bytes are no message of this protocol.</exception>
    public PgOutputMessage Decode(ReadOnlyMemory<byte> message, Lsn start)
    {
        var bytes = message.Span;
        switch ((char)bytes[0])
        {
            case 'B':
                Transaction = new PgTransaction(UInt32(bytes[17..]), new Lsn(UInt64(bytes[1..])), Int64(bytes[9..]) + MicrosFrom1970To2000, LastEnd);
                return new PgOutputMessage { Kind = PgOutputKind.Begin };
            case 'C':
                LastEnd = new Lsn(UInt64(bytes[10..]));
                Transaction = null;
                return new PgOutputMessage { Kind = PgOutputKind.Commit, End = LastEnd.Value };
            case 'I':
                return Change(ChangeKind.Insert, message, start);
            case 'U':
                return Change(ChangeKind.Update, message, start);
            case 'D':
                return Change(ChangeKind.Delete, message, start);
            case 'T':
                return Truncate(bytes, start);
            case 'R':
                ReadRelation(bytes);
                return default;
            case 'M':
                return LogicalMessage(message, start);
            case 'O' or 'Y':
                return default;
            default:
                throw new ConnectorException($"The replication stream has a message of kind '{(char)bytes[0]}', which pgoutput protocol version 1 doesn't have.");
        }
    }

    private PgOutputMessage Change(ChangeKind kind, ReadOnlyMemory<byte> message, Lsn start)
    {
        var bytes = message.Span;
        var table = TableOf(UInt32(bytes[1..]));
        TupleData old = default, now = default;
        var oldIsWhole = false;
        for (var at = 5; at < bytes.Length;)
        {
            var part = (char)bytes[at++];
            var length = TupleLength(bytes[at..]);
            var tuple = new TupleData(message.Slice(at, length));
            at += length;
            if (part == 'N') now = tuple;
            else (old, oldIsWhole) = (tuple, part == 'O');
        }

        return new PgOutputMessage
        {
            Kind = PgOutputKind.Change,
            Change = new ChangeEvent { Table = table, Kind = kind, Transaction = Open(), Lsn = start, Old = old, OldIsWhole = oldIsWhole, New = now },
        };
    }

    private PgOutputMessage Truncate(ReadOnlySpan<byte> bytes, Lsn start)
    {
        var tables = new PgTable[BinaryPrimitives.ReadInt32BigEndian(bytes[1..])];
        for (var i = 0; i < tables.Length; i++) tables[i] = TableOf(UInt32(bytes[(6 + (4 * i))..]));
        return new PgOutputMessage
        {
            Kind = PgOutputKind.Change, Truncated = tables,
            Change = new ChangeEvent { Table = tables[0], Kind = ChangeKind.Truncate, Transaction = Open(), Lsn = start },
        };
    }

    // M, flags, LSN, prefix, content. A message outside of a transaction is a position of its own.
    private PgOutputMessage LogicalMessage(ReadOnlyMemory<byte> message, Lsn start)
    {
        var bytes = message.Span;
        var isTransactional = (bytes[1] & 1) != 0;
        var at = 10;
        var prefix = Name(bytes, ref at);
        if (!isTransactional) LastEnd = start;
        return new PgOutputMessage { Kind = PgOutputKind.Message, IsTransactional = isTransactional, Prefix = prefix, Content = message[(at + 4)..], End = start };
    }

    private void ReadRelation(ReadOnlySpan<byte> bytes)
    {
        var oid = UInt32(bytes[1..]);
        var at = 5;
        var schema = Name(bytes, ref at);
        var name = Name(bytes, ref at);
        var identity = (char)bytes[at++];
        var known = catalog.Find(oid, Transaction?.CommitLsn ?? Lsn.None);
        var columns = new PgColumn[BinaryPrimitives.ReadInt16BigEndian(bytes[at..])];
        at += 2;
        for (var i = 0; i < columns.Length; i++)
        {
            var isIdentity = (bytes[at++] & 1) != 0;
            var column = Name(bytes, ref at);
            var type = UInt32(bytes[at..]);
            var modifier = BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 4)..]);
            at += 8;
            columns[i] = Column(column, type, modifier, isIdentity, known);
        }

        _tables[oid] = new PgTable
        {
            Oid = oid, Schema = schema, Name = name, Columns = columns, ReplicaIdentity = IdentityOf(identity),
            PrimaryKey = known?.PrimaryKey ?? [.. columns.Where(c => c.IsIdentity).Select(c => c.Name)], UniqueIndexes = known?.UniqueIndexes ?? [],
        };
    }

    private static PgColumn Column(string name, uint type, int modifier, bool isIdentity, PgTable? known)
    {
        var now = known?.Columns.FirstOrDefault(c => c.Name == name);
        return new PgColumn
        {
            Name = name, Type = now?.Type.Oid == type ? now.Type : new PgType { Oid = type, Name = "unknown" }, TypeModifier = modifier, IsIdentity = isIdentity,
            IsNotNull = now?.IsNotNull ?? false, Default = now?.Default, IsGenerated = now?.IsGenerated ?? false,
        };
    }

    /// <summary>The replica identity that a letter of pg_class.relreplident stands for.</summary>
    internal static PgReplicaIdentity IdentityOf(char letter) => letter switch
    {
        'n' => PgReplicaIdentity.Nothing, 'f' => PgReplicaIdentity.Full, 'i' => PgReplicaIdentity.Index, _ => PgReplicaIdentity.Default,
    };

    /// <summary>How many bytes the tuple at the beginning of <paramref name="bytes"/> has.</summary>
    internal static int TupleLength(ReadOnlySpan<byte> bytes)
    {
        int columns = BinaryPrimitives.ReadInt16BigEndian(bytes);
        var at = 2;
        for (var i = 0; i < columns; i++)
        {
            var kind = bytes[at++];
            if (kind is (byte)'t' or (byte)'b') at += 4 + BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
        }

        return at;
    }

    private PgTable TableOf(uint oid) => _tables.TryGetValue(oid, out var table)
        ? table
        : throw new ConnectorException($"The replication stream changed a table of OID {oid} without having described it.");

    private PgTransaction Open() => Transaction ?? throw new ConnectorException("The replication stream has a change outside of a transaction.");

    private static string Name(ReadOnlySpan<byte> bytes, ref int at)
    {
        var end = bytes[at..].IndexOf((byte)0);
        var name = Encoding.UTF8.GetString(bytes.Slice(at, end));
        at += end + 1;
        return name;
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static ulong UInt64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes);

    private static long Int64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes);
}
