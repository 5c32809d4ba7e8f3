using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>
/// A small file beside the output that says which pipeline writes which files there: what tells our own lines, not yet on record when we were killed, from somebody else's file.
/// </summary>
internal sealed class FileOwner(string folder, string target, PipelineId pipeline)
{
    private readonly string _path = Path.Combine(folder, $".{target}.pathway");
    private SortedSet<string> _files = new(StringComparer.Ordinal);

    /// <summary>Reads it anew.</summary>
    /// <exception cref="RefusalException">It is another pipeline's.</exception>
    public void Load()
    {
        var stored = Read();
        if (stored is not null && stored.Pipeline != pipeline.Value)
        {
            throw new RefusalException(
                $"another pipeline writes to the files in {folder}", $"pipeline {stored.Pipeline} in {_path}", $"pipeline {pipeline}",
                $"Write to another folder, give the sink another target name, or remove {_path} with the files.");
        }

        _files = new SortedSet<string>(stored?.Files ?? [], StringComparer.Ordinal);
    }

    /// <summary>Whether we were the ones to write to a file.</summary>
    public bool Owns(string file) => _files.Contains(file);

    /// <summary>Says that a file is ours, durably, before anything is written to it.</summary>
    public void Add(string file)
    {
        if (!_files.Add(file)) return;
        using (var stream = new FileStream(_path + ".new", FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, new Stored(pipeline.Value, [.. _files]), JsonSerializerOptions.Web);
            stream.Flush(flushToDisk: true);
        }

        File.Move(_path + ".new", _path, overwrite: true);
        DirectorySync.Sync(folder);
    }

    private Stored? Read()
    {
        if (!File.Exists(_path)) return null;
        try
        {
            return JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(_path), JsonSerializerOptions.Web);
        }
        catch (JsonException e)
        {
            throw new RefusalException($"{_path}, which says whose the files beside it are, can't be read", e.Message, "a JSON object with pipeline and files", "Remove it with the files, and begin anew with an empty state directory.");
        }
    }

    private sealed record Stored(Guid Pipeline, string[] Files);
}
