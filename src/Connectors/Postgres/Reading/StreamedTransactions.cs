using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The transactions that the server streams while they run (protocol version 2): kept apart until they end, so that to everybody else transactions come whole and in the order of their commits.</summary>
internal sealed class StreamedTransactions(string folder) : IDisposable
{
    private const byte StreamStart = (byte)'S', StreamStop = (byte)'E', StreamCommit = (byte)'c', StreamAbort = (byte)'A';
    private readonly Dictionary<uint, StreamedTransaction> _open = [];
    private StreamedTransaction? _current;
    private byte[] _room = new byte[4096];

    /// <summary>Whether the messages that come belong to a transaction that hasn't ended.</summary>
    public bool IsInBlock => _current is not null;

    /// <summary>Room for a message within a block.</summary>
    public Memory<byte> Room(int length)
    {
        if (_room.Length < length) _room = new byte[Math.Max(length, 2 * _room.Length)];
        return _room.AsMemory(0, length);
    }

    /// <summary>Takes a message within a block.</summary>
    public void Take(ReadOnlySpan<byte> message, Lsn start)
    {
        if (message[0] == StreamStop) _current = null;
        else if (message[0] != (byte)PgMessageKind.Origin) _current!.Add(message, start);
    }

    /// <summary>Takes a message outside of blocks, if it is about streamed transactions.</summary>
    /// <param name="message">The message.</param>
    /// <param name="start">Its start LSN.</param>
    /// <param name="ended">The transaction that it ends well: its messages come next. The caller disposes it.</param>
    /// <returns>Whether the message was one of these.</returns>
    /// <exception cref="BadDataException">It names a transaction that the stream didn't begin.</exception>
    public bool TryTake(ReadOnlySpan<byte> message, Lsn start, out Ended? ended)
    {
        ended = null;
        if (message[0] is not (StreamStart or StreamCommit or StreamAbort)) return false;
        var cursor = new MessageCursor(message);
        cursor.Byte();
        var xid = cursor.UInt32();
        switch (message[0])
        {
            case StreamStart:
                if (!_open.TryGetValue(xid, out _current)) _open[xid] = _current = new StreamedTransaction(folder) { Start = start };
                break;
            case StreamAbort:
                Abort(xid, cursor.UInt32());
                break;
            default:
                cursor.Byte(); // flags, unused
                var (commit, end, time) = (cursor.Lsn(), cursor.Lsn(), cursor.Int64());
                var transaction = Of(xid);
                _open.Remove(xid);
                ended = new Ended(transaction, Begin(xid, commit, time), Commit(commit, end, time));
                break;
        }

        return true;
    }

    /// <summary>The connection was lost: the server sends all of them again.</summary>
    public void Drop()
    {
        foreach (var transaction in _open.Values) transaction.Dispose();
        _open.Clear();
        _current = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    private void Abort(uint xid, uint subtransaction)
    {
        if (xid != subtransaction)
        {
            Of(xid).Abort(subtransaction);
            return;
        }

        if (_open.Remove(xid, out var transaction)) transaction.Dispose();
    }

    private StreamedTransaction Of(uint xid) =>
        _open.TryGetValue(xid, out var transaction) ? transaction : throw new BadDataException($"The replication stream ends transaction {xid}, which it didn't begin to stream. Expected is a stream that is read from where START_REPLICATION began it.");

    // The messages that begin and end the transaction where it isn't streamed.
    private static byte[] Begin(uint xid, Lsn commit, long time)
    {
        var message = new byte[21];
        message[0] = (byte)PgMessageKind.Begin;
        BinaryPrimitives.WriteUInt64BigEndian(message.AsSpan(1), commit.Value);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(9), time);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(17), xid);
        return message;
    }

    private static byte[] Commit(Lsn commit, Lsn end, long time)
    {
        var message = new byte[26];
        message[0] = (byte)PgMessageKind.Commit;
        BinaryPrimitives.WriteUInt64BigEndian(message.AsSpan(2), commit.Value);
        BinaryPrimitives.WriteUInt64BigEndian(message.AsSpan(10), end.Value);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(18), time);
        return message;
    }

    /// <summary>A streamed transaction that was committed.</summary>
    /// <param name="Transaction">Its messages.</param>
    /// <param name="Begin">The message that begins it.</param>
    /// <param name="Commit">The message that ends it.</param>
    public sealed record Ended(StreamedTransaction Transaction, byte[] Begin, byte[] Commit);
}
