using System.Buffers;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>One output file: lines are gathered and written in large pieces, at the end of the file.</summary>
internal sealed class LineFile : IDisposable
{
    private const int BufferSize = 256 * 1024;

    /// <summary>The name of a row's header that holds the line with which an empty file begins.</summary>
    public static ReadOnlySpan<byte> FirstLine => "first-line"u8;

    private readonly FileStream _stream;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _buffered;

    public LineFile(string folder, string name)
    {
        (Name, Path) = (name, System.IO.Path.Combine(folder, name));
        var isNew = !File.Exists(Path);
        // Readers are welcome, other writers aren't.
        _stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        if (isNew) DirectorySync.Sync(folder);
        _stream.Seek(0, SeekOrigin.End);
    }

    public string Name { get; }

    public string Path { get; }

    /// <summary>The length with what is gathered.</summary>
    public long Length => _stream.Length + _buffered;

    /// <summary>A row without key is a line as it is; one with a key becomes an object of both.</summary>
    public void Append(in OutputRow row)
    {
        if (!row.Headers.IsEmpty && Length == 0) WriteFirstLine(row.Headers);
        if (row.HasKey)
        {
            Write("{\"key\":"u8);
            Write(row.Key);
            Write(",\"row\":"u8);
            Write(row.HasValue ? row.Value : "null"u8);
            Write("}\n"u8);
        }
        else
        {
            Write(row.HasValue ? row.Value : "null"u8);
            Write("\n"u8);
        }
    }

    /// <summary>Hands what is gathered to the system.</summary>
    public void Flush()
    {
        var count = _buffered;
        _buffered = 0;
        _stream.Write(_buffer, 0, count);
    }

    /// <summary>Returns when all of it is on the disk.</summary>
    public void Sync()
    {
        Flush();
        _stream.Flush(flushToDisk: true);
    }

    /// <summary>Forgets what lies behind <paramref name="length"/>, durably.</summary>
    public void CutTo(long length)
    {
        _buffered = 0;
        if (_stream.Length == length) return;
        _stream.SetLength(length);
        _stream.Seek(0, SeekOrigin.End);
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        _stream.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void WriteFirstLine(ReadOnlySpan<byte> headers)
    {
        while (!headers.IsEmpty)
        {
            var (name, value) = OutputBuffer.ReadHeader(ref headers);
            if (!System.Text.Encoding.UTF8.GetBytes(name).AsSpan().SequenceEqual(FirstLine)) continue;
            Write(value);
            Write("\n"u8);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _buffered) Flush();
        if (bytes.Length > _buffer.Length)
        {
            _stream.Write(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }
}
