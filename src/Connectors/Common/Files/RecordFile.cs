using System.Buffers;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A file, record by record, from any position. A record is a line, or several where a quoted value goes over the ends of lines.</summary>
internal sealed class RecordFile : IDisposable
{
    private const int PieceBytes = 256 * 1024, RecordBytesMax = 64 << 20;
    private readonly string _path;
    private readonly FileStream _file;
    private readonly byte? _quote;
    private byte[] _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private int _begin, _end;
    private bool _atEnd;

    public RecordFile(string path, byte? quote, FilePosition position)
    {
        (_path, _quote, Position) = (path, quote, position);
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _file.Seek(position.Offset, SeekOrigin.Begin);
    }

    /// <summary>Behind the last record that was read.</summary>
    public FilePosition Position { get; private set; }

    /// <summary>The line on which the last record began, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>How long the file is now.</summary>
    public long Length => _file.Length;

    /// <summary>The next record without its end, living until the next call; the last one may have no end, unless only whole ones are wanted.</summary>
    public bool TryRead(bool wholeOnly, out ReadOnlySpan<byte> record)
    {
        var (searched, quoted) = (0, false);
        _atEnd = false;
        while (true)
        {
            var rest = _piece.AsSpan(_begin, _end - _begin);
            var found = FindEnd(rest, ref searched, ref quoted);
            if (found >= 0 || _atEnd)
            {
                var length = found >= 0 ? found + 1 : rest.Length;
                record = rest[..(found >= 0 ? found : length)];
                if (found < 0 && (wholeOnly || length == 0)) return false;
                Line = Position.Lines + 1;
                Position = new FilePosition(Position.Offset + length, Line + (_quote is null ? 0 : record.Count((byte)'\n')));
                _begin += length;
                return true;
            }

            if (rest.Length > RecordBytesMax) throw new BadDataException($"Line {Position.Lines + 1} of {_path} is longer than {RecordBytesMax >> 20} MB.{(quoted ? " A quote in it has no end." : "")}");
            ReadMore();
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_piece);
        _piece = [];
    }

    private int FindEnd(ReadOnlySpan<byte> rest, ref int searched, ref bool quoted)
    {
        if (_quote is not { } quote)
        {
            var at = rest[searched..].IndexOf((byte)'\n');
            if (at >= 0) return searched + at;
            searched = rest.Length;
            return -1;
        }

        // A doubled quote ends and begins a quoted value, which comes to the same.
        while (true)
        {
            var at = quoted ? rest[searched..].IndexOf(quote) : rest[searched..].IndexOfAny(quote, (byte)'\n');
            if (at < 0)
            {
                searched = rest.Length;
                return -1;
            }

            searched += at + 1;
            if (rest[searched - 1] != quote) return searched - 1;
            quoted = !quoted;
        }
    }

    private void ReadMore()
    {
        var length = _end - _begin;
        if (length > _piece.Length / 2)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_piece.Length * 2);
            _piece.AsSpan(_begin, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_piece);
            _piece = larger;
        }
        else
        {
            _piece.AsSpan(_begin, length).CopyTo(_piece);
        }

        (_begin, _end) = (0, length);
        var read = _file.Read(_piece, _end, _piece.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
