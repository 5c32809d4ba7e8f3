using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Reads a recording, slice by slice.</summary>
internal sealed class RecordedSlices : IDisposable
{
    private readonly string _path;
    private readonly RecordFile _file;
    private JsonDocument? _slice;

    /// <exception cref="ConfigurationException">There is no such file, or it is no recording.</exception>
    public RecordedSlices(string path)
    {
        if (!File.Exists(path)) throw new ConfigurationException($"The recording {path} doesn't exist (looked for at {Path.GetFullPath(path)}).");
        (_path, _file) = (path, new RecordFile(path, null, new FilePosition(0, 0)));
        try
        {
            if (!TryNext() || !_slice!.RootElement.TryGetProperty("recording", out var form) || form.GetInt32() != 1) throw new ConfigurationException($"{path} is no recording: it doesn't begin with {{\"recording\":1,…}}.");
            Sources = [.. _slice.RootElement.GetProperty("sources").EnumerateArray().Select(s => s.GetString()!)];
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The names of what was recorded.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>Behind the slice at hand.</summary>
    public FilePosition Position => _file.Position;

    /// <summary>The slice at hand.</summary>
    public JsonElement Slice => _slice!.RootElement;

    /// <summary>When it came, since the source was started.</summary>
    public TimeSpan At => TimeSpan.FromMilliseconds(Slice.GetProperty("at").GetInt64());

    /// <summary>Whether more of its transaction follows.</summary>
    public bool IsPart => Slice.TryGetProperty("part", out _);

    /// <summary>Goes to the next slice; false at the end. A line that was cut off by a crash is the end.</summary>
    public bool TryNext()
    {
        _slice?.Dispose();
        _slice = null;
        if (!_file.TryRead(wholeOnly: true, out var line)) return false;
        try
        {
            var json = new Utf8JsonReader(line);
            _slice = JsonDocument.ParseValue(ref json);
            return true;
        }
        catch (JsonException e)
        {
            throw new BadDataException($"Line {_file.Line} of the recording {_path} can't be read: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _slice?.Dispose();
        _file.Dispose();
    }
}
