using System.Buffers.Binary;
using System.Text;

namespace Pathway.Connectors.Postgres;

/// <summary>Events of the stream that are no changes of rows: begins and ends of transactions, logical messages, heartbeats. Only who asks for them gets them.</summary>
public static class StreamEvents
{
    /// <summary>What stands for the table in events that have none.</summary>
    public static PgTable NoTable { get; } = new() { Oid = 0, Schema = "", Name = "", Columns = [], ReplicaIdentity = PgReplicaIdentity.Nothing, PrimaryKey = [] };

    /// <summary>A transaction begins.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="start">The start LSN of its Begin message.</param>
    public static ChangeEvent Begin(PgTransaction transaction, Lsn start) => new() { Table = NoTable, Kind = ChangeKind.Begin, Transaction = transaction, Lsn = start };

    /// <summary>A transaction ended.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="end">The LSN behind it.</param>
    public static ChangeEvent Commit(PgTransaction transaction, Lsn end) => new() { Table = NoTable, Kind = ChangeKind.Commit, Transaction = transaction, Lsn = end };

    /// <summary>The source is alive.</summary>
    /// <param name="transaction">The last transaction that was seen.</param>
    /// <param name="at">How far the stream was read.</param>
    public static ChangeEvent Heartbeat(PgTransaction transaction, Lsn at) => new() { Table = NoTable, Kind = ChangeKind.Heartbeat, Transaction = transaction, Lsn = at };

    /// <summary>A logical message: its new row has the prefix as text and the content as a binary value.</summary>
    /// <param name="message">The message.</param>
    /// <param name="start">The start LSN of its XLogData.</param>
    /// <param name="last">The transaction around it; for one outside of transactions the last one before, whose time it is given (a transaction id of 0 says that it is outside of them).</param>
    /// <param name="memory">Room for the row: <see cref="Size"/> bytes that live as long as the event.</param>
    public static ChangeEvent Message(in PgLogicalMessage message, Lsn start, PgTransaction last, Memory<byte> memory)
    {
        var bytes = memory.Span;
        var prefix = Encoding.UTF8.GetByteCount(message.Prefix);
        BinaryPrimitives.WriteInt16BigEndian(bytes, 2);
        bytes[2] = (byte)TupleData.ValueKind.Text;
        BinaryPrimitives.WriteInt32BigEndian(bytes[3..], prefix);
        Encoding.UTF8.GetBytes(message.Prefix, bytes[7..]);
        bytes = bytes[(7 + prefix)..];
        bytes[0] = (byte)TupleData.ValueKind.Binary;
        BinaryPrimitives.WriteInt32BigEndian(bytes[1..], message.Content.Length);
        message.Content.Span.CopyTo(bytes[5..]);
        return new ChangeEvent
        {
            Table = NoTable, Kind = ChangeKind.Message, Lsn = message.IsTransactional ? start : message.Lsn, New = new TupleData(memory),
            Transaction = message.IsTransactional ? last : last with { Xid = 0, CommitLsn = message.Lsn, PreviousEnd = message.Lsn },
        };
    }

    /// <summary>What has to be asked for to get events of a kind.</summary>
    internal static StreamKinds KindOf(ChangeKind kind) => kind switch
    {
        ChangeKind.Begin or ChangeKind.Commit => StreamKinds.Transactions,
        ChangeKind.Message => StreamKinds.Messages,
        ChangeKind.Heartbeat => StreamKinds.Heartbeats,
        ChangeKind.LoadBegin or ChangeKind.LoadEnd => StreamKinds.Loads,
        _ => StreamKinds.None,
    };

    /// <summary>Bytes that the row of a logical message takes.</summary>
    public static int Size(in PgLogicalMessage message) => 12 + Encoding.UTF8.GetByteCount(message.Prefix) + message.Content.Length;
}
