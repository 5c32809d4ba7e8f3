using System.Buffers;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A recording that is written: slices, each a line.</summary>
internal sealed class RecordingFile : IDisposable
{
    private const int Form = 1;
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _json;
    private readonly (string Name, IRowListJson Rows)[] _sources;

    private RecordingFile(FileStream file, (string, IRowListJson)[] sources)
    {
        (_file, _sources) = (file, sources);
        _json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = RowJson.Options.Encoder, SkipValidation = true });
    }

    /// <summary>A new recording, or one that goes on behind <paramref name="resume"/>.</summary>
    public static RecordingFile Open(string path, string partition, (string Name, IRowListJson Rows)[] sources, Position? resume)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            var recording = new RecordingFile(file, sources);
            if (resume is not { } position)
            {
                if (file.Length > 0) throw new RefusalException($"the recording {path} exists, and the pipeline starts anew", $"{file.Length} bytes", "no file, or an empty one", "Move it away, or record to another file.");
                recording.WriteHeader(partition);
                return recording;
            }

            if (EndOf(path, position) is not { } end)
                throw new RefusalException($"the recording {path} doesn't hold the position at which the pipeline goes on", $"{file.Length} bytes without it", position.Text, "Put the recording back, or begin anew with an empty state directory and no recording.");
            file.SetLength(end);
            file.Seek(end, SeekOrigin.Begin);
            return recording;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends a slice.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="at">Since the source was started.</param>
    public void Write(InputSlice slice, TimeSpan at)
    {
        Begin();
        _json.WriteNumber("at", (long)at.TotalMilliseconds);
        _json.WriteString("position", slice.Position.Text);
        if (!slice.EndsTransaction) _json.WriteBoolean("part", true);
        _json.WriteStartObject("rows");
        foreach (var (input, rows) in slice.Rows)
        {
            if (rows.Count == 0) continue;
            _json.WritePropertyName(_sources[input].Name);
            _sources[input].Rows.Write(_json, rows);
        }

        _json.WriteEndObject();
        End();
    }

    public void Dispose()
    {
        _json.Dispose();
        _file.Dispose();
    }

    private void WriteHeader(string partition)
    {
        Begin();
        _json.WriteNumber("recording", Form);
        _json.WriteString("of", partition);
        _json.WriteStartArray("sources");
        foreach (var (name, _) in _sources) _json.WriteStringValue(name);
        _json.WriteEndArray();
        End();
    }

    private void Begin()
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _file.Write(_line.WrittenSpan);
    }

    // The last whole slice of that position: a slice without rows may repeat it.
    private static long? EndOf(string path, Position position)
    {
        using var file = new RecordFile(path, null, new FilePosition(0, 0));
        long? end = null;
        while (file.TryRead(wholeOnly: true, out var line))
        {
            var json = new Utf8JsonReader(line);
            using var slice = JsonDocument.ParseValue(ref json);
            if (slice.RootElement.TryGetProperty("position", out var found) && !slice.RootElement.TryGetProperty("part", out _) && found.GetString() == position.Text) end = file.Position.Offset;
        }

        return end;
    }
}
