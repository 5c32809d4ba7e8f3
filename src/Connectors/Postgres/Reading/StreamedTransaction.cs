using System.Buffers.Binary;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>The changes of a transaction that the server streams before its end, in a file, until it is known whether they count.</summary>
/// <remarks>Record: length of the message, its start LSN, the (sub)transaction, the message without its transaction. The file goes with the process, and isn't synced: after a crash the server sends all again.</remarks>
internal sealed class StreamedTransaction(string folder) : IDisposable
{
    private const int HeaderBytes = 16, BufferBytes = 256 << 10;
    private readonly FileStream _file = Open(folder);
    private readonly HashSet<uint> _aborted = [];
    private readonly byte[] _header = new byte[HeaderBytes];

    /// <summary>The start LSN of its first message.</summary>
    public required Lsn Start { get; init; }

    /// <summary>Adds a message.</summary>
    /// <param name="message">The message, whose transaction id follows its kind.</param>
    /// <param name="start">Its start LSN.</param>
    public void Add(ReadOnlySpan<byte> message, Lsn start)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_header, message.Length - 4);
        BinaryPrimitives.WriteUInt64LittleEndian(_header.AsSpan(4), start.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(_header.AsSpan(12), BinaryPrimitives.ReadUInt32BigEndian(message[1..]));
        try
        {
            _file.Write(_header);
            _file.Write(message[..1]);
            _file.Write(message[5..]);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>A subtransaction was rolled back: what it wrote doesn't count.</summary>
    public void Abort(uint subtransaction) => _aborted.Add(subtransaction);

    /// <summary>All is there; the messages are read from the first on.</summary>
    public void Rewind()
    {
        try
        {
            _file.Flush();
            _file.Position = 0;
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Goes to the next message that counts; false behind the last.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="start">Its start LSN.</param>
    public bool Next(out int length, out Lsn start)
    {
        try
        {
            while (_file.ReadAtLeast(_header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes)
            {
                length = BinaryPrimitives.ReadInt32LittleEndian(_header);
                start = new Lsn(BinaryPrimitives.ReadUInt64LittleEndian(_header.AsSpan(4)));
                if (!_aborted.Contains(BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(12)))) return true;
                // The description of a table stays: the server may not send it again for what follows.
                var kind = (byte)_file.ReadByte();
                _file.Position -= 1;
                if (kind == (byte)PgMessageKind.Relation) return true;
                _file.Position += length;
            }
        }
        catch (IOException e)
        {
            throw Failed(e);
        }

        (length, start) = (0, default);
        return false;
    }

    /// <summary>Reads the message that <see cref="Next"/> reached.</summary>
    public void Read(Span<byte> message)
    {
        try
        {
            _file.ReadExactly(message);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream Open(string folder)
    {
        Directory.CreateDirectory(folder);
        return new FileStream(Path.Combine(folder, $"transaction-{Guid.NewGuid():N}.spill"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose);
    }

    private ConnectorException Failed(IOException e) => new($"A large transaction can't be kept in '{_file.Name}' until its end: {e.Message} Make room there, and start again; nothing of it was committed.", e);
}
