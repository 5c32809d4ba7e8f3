using System.Text.Json;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The demo's file of changes, played back into the view that it describes. Goes on where it was when more lines have come.</summary>
/// <remarks>
/// Each line has to change something: a pipeline that delivered a line twice would repeat what stands already, or delete what is gone. One caller at a time.
/// </remarks>
internal sealed class ViewFile(string path)
{
    private long _offset;

    /// <summary>The view after all lines so far.</summary>
    public Dictionary<int, CustomerTotal> View { get; } = [];

    /// <summary>How many lines there were.</summary>
    public long Lines { get; private set; }

    /// <summary>Bytes of these lines.</summary>
    public long Bytes => _offset;

    /// <summary>The first line that changed nothing, and how; null while there is none.</summary>
    public string? FirstRepeat { get; private set; }

    /// <summary>Plays back the whole lines that have come since; a file that has become shorter is played back from its beginning.</summary>
    /// <param name="most">About how many bytes at most, so that a screen stays alive; null: all.</param>
    /// <exception cref="BadDataException">A line that isn't one of ours.</exception>
    public void Advance(long? most = null)
    {
        if (!File.Exists(path)) return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.Length < _offset) Restart();
        file.Seek(_offset, SeekOrigin.Begin);
        var buffer = new byte[1 << 20];
        var kept = 0;
        for (var read = 0L; read < (most ?? long.MaxValue);)
        {
            var count = file.Read(buffer, kept, buffer.Length - kept);
            if (count == 0) return;
            read += count;
            var used = Apply(buffer.AsSpan(0, kept + count));
            if (used == 0 && kept + count == buffer.Length) throw new BadDataException($"{path} has a line of more than {buffer.Length} bytes behind byte {_offset}.");
            _offset += used;
            kept = kept + count - used;
            buffer.AsSpan(used, kept).CopyTo(buffer);
        }
    }

    private int Apply(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (bytes[used..].IndexOf((byte)'\n') is var end and >= 0)
        {
            Apply(ReadLine(bytes.Slice(used, end)));
            used += end + 1;
        }

        return used;
    }

    private void Apply((int Key, CustomerTotal? Row) line)
    {
        Lines++;
        var stands = View.TryGetValue(line.Key, out var before);
        var repeats = line.Row is { } row ? stands && before == row : !stands;
        if (repeats) FirstRepeat ??= $"line {Lines} repeats what stands already: key {line.Key}, {(line.Row is { } same ? same.ToString() : "deleted")}";
        if (line.Row is { } next) View[line.Key] = next;
        else View.Remove(line.Key);
    }

    private (int Key, CustomerTotal? Row) ReadLine(ReadOnlySpan<byte> line)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Line>(line, RowJson.Options);
            return (read.Key, read.Row);
        }
        catch (JsonException failure)
        {
            throw new BadDataException($"Line {Lines + 1} of {path} is no change of the view: {failure.Message}", failure);
        }
    }

    private void Restart()
    {
        View.Clear();
        (_offset, Lines, FirstRepeat) = (0, 0, null);
    }

    private readonly record struct Line(int Key, CustomerTotal? Row);
}
