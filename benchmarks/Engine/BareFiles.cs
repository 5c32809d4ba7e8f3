using System.Buffers;
using System.Text.Json;

namespace Pathway.Benchmarks;

/// <summary>The lines of a file, each living until the next one.</summary>
internal readonly struct BareLines(string path)
{
    public IEnumerator<ReadOnlyMemory<byte>> GetEnumerator()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var (buffer, begin, end) = (new byte[1 << 18], 0, 0);
        while (true)
        {
            var at = Array.IndexOf(buffer, (byte)'\n', begin, end - begin);
            if (at >= 0)
            {
                yield return buffer.AsMemory(begin, at - begin);
                begin = at + 1;
                continue;
            }

            buffer.AsSpan(begin, end - begin).CopyTo(buffer);
            (begin, end) = (0, end - begin);
            var read = file.Read(buffer, end, buffer.Length - end);
            if (read == 0) yield break;
            end += read;
        }
    }
}

/// <summary>A file of JSON lines, written in large pieces.</summary>
internal sealed class BareOutput : IDisposable
{
    private const int PieceBytes = 1 << 18;
    private readonly ArrayBufferWriter<byte> _piece = new(2 * PieceBytes);
    private readonly FileStream _file;
    private readonly Utf8JsonWriter _json;

    public BareOutput(string path)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        _json = new Utf8JsonWriter(_piece, new JsonWriterOptions { SkipValidation = true });
    }

    public void Begin()
    {
        _json.Reset();
        _json.WriteStartObject();
    }

    public void Write(string name, long value) => _json.WriteNumber(name, value);

    public void Write(string name, string value) => _json.WriteString(name, value);

    public void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _piece.Write("\n"u8);
        if (_piece.WrittenCount < PieceBytes) return;
        _file.Write(_piece.WrittenSpan);
        _piece.ResetWrittenCount();
    }

    public void Dispose()
    {
        _file.Write(_piece.WrittenSpan);
        _json.Dispose();
        _file.Dispose();
    }
}
