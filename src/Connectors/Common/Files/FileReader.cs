using System.Buffers;
using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Reads a file line by line to its end and hands slices on; its position is the offset behind the last whole line.</summary>
internal sealed class FileReader(FileOrigin origin, IFileSource[] sources) : ISourceReader
{
    private const int SliceRows = 1000, PieceBytes = 256 * 1024, LineBytesMax = 64 << 20;

    /// <summary>A row takes about so much more memory than its line.</summary>
    private const int RowBytes = 64;

    private byte[] _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private int _begin, _end;
    private bool _atEnd;

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        var position = context.Resume is { } resume ? FilePosition.Parse(resume) : new FilePosition(0, 0);
        using var file = Open(position);
        context.Streaming();
        while (!stop.IsCancellationRequested)
        {
            var buffers = Array.ConvertAll(sources, s => s.NewBuffer(SliceRows));
            var before = position;
            position = ReadSlice(file, position, buffers);
            if (position.Offset == before.Offset) return;
            var slice = new InputSlice
            {
                Position = position.ToPosition(), Rows = [.. buffers.Select((rows, input) => (input, rows))], Bytes = position.Offset - before.Offset + (RowBytes * (position.Lines - before.Lines)),
            };
            await context.Input.WriteAsync(slice, stop).ConfigureAwait(false);
        }
    }

    public void Acknowledge(Position position)
    {
        // A file forgets nothing.
    }

    public string Describe(Position position) => $"line {FilePosition.Parse(position).Lines} of {origin.FilePath}";

    public ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(_piece);
        _piece = [];
        return ValueTask.CompletedTask;
    }

    private FileStream Open(FilePosition position)
    {
        if (!File.Exists(origin.FilePath)) throw new ConfigurationException($"The file {origin.FilePath} doesn't exist (looked for at {Path.GetFullPath(origin.FilePath)}).");
        var file = new FileStream(origin.FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        if (file.Length < position.Offset)
        {
            var length = file.Length;
            file.Dispose();
            throw new RefusalException($"the file {origin.FilePath} is shorter than what was read of it", $"{length} bytes", $"at least {position.Offset} bytes", "Put the file back, or begin anew with an empty state directory.");
        }

        file.Seek(position.Offset, SeekOrigin.Begin);
        return file;
    }

    private FilePosition ReadSlice(FileStream file, FilePosition position, IRowBuffer[] buffers)
    {
        var (offset, lines) = (position.Offset, position.Lines);
        for (var rows = 0; rows < SliceRows; rows++)
        {
            if (!TryReadLine(file, lines + 1, out var line, out var length)) break;
            (offset, lines) = (offset + length, lines + 1);
            if (lines == 1 && line.StartsWith(Encoding.UTF8.Preamble)) line = line[Encoding.UTF8.Preamble.Length..];
            if (line.Trim(" \t\r"u8).IsEmpty) continue;
            for (var input = 0; input < sources.Length; input++) Read(sources[input], line, buffers[input], lines);
        }

        return new FilePosition(offset, lines);
    }

    private void Read(IFileSource source, ReadOnlySpan<byte> line, IRowBuffer into, long number)
    {
        try
        {
            source.Read(line, into);
        }
        catch (JsonException e)
        {
            var start = Encoding.UTF8.GetString(line[..Math.Min(line.Length, 120)]);
            throw new BadDataException($"Line {number} of {origin.FilePath} can't be read as a row: {e.Message.TrimEnd('.')}. It begins: {start}", e);
        }
    }

    /// <summary>The next line without its end, living until the next call; <paramref name="length"/> with it. The last one may have no end.</summary>
    private bool TryReadLine(FileStream file, long number, out ReadOnlySpan<byte> line, out int length)
    {
        var searched = 0;
        while (true)
        {
            var rest = _piece.AsSpan(_begin, _end - _begin);
            var at = rest[searched..].IndexOf((byte)'\n');
            if (at >= 0 || _atEnd)
            {
                length = at >= 0 ? searched + at + 1 : rest.Length;
                line = rest[..(at >= 0 ? length - 1 : length)];
                _begin += length;
                return length > 0;
            }

            searched = rest.Length;
            if (searched > LineBytesMax) throw new BadDataException($"Line {number} of {origin.FilePath} is longer than {LineBytesMax >> 20} MB.");
            ReadMore(file);
        }
    }

    private void ReadMore(FileStream file)
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
        var read = file.Read(_piece, _end, _piece.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
