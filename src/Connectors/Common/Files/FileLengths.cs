using System.Collections.Immutable;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>How much of each file is delivered; stands in the pipeline's log beside the marker.</summary>
internal sealed class FileLengths
{
    private readonly ImmutableSortedDictionary<string, long> _lengths;

    private FileLengths(ImmutableSortedDictionary<string, long> lengths) => _lengths = lengths;

    public static FileLengths None { get; } = new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>The files with a length.</summary>
    public IEnumerable<string> Files => _lengths.Keys;

    /// <summary>The length of a file; 0 for one that was never written.</summary>
    public long this[string file] => _lengths.GetValueOrDefault(file);

    public FileLengths With(string file, long length) => new(_lengths.SetItem(file, length));

    public string ToNote() => JsonSerializer.Serialize(_lengths.ToDictionary());

    /// <summary>Reads what <see cref="ToNote"/> wrote; null is no file.</summary>
    public static FileLengths Parse(string? note)
    {
        try
        {
            return note is null ? None : new((JsonSerializer.Deserialize<Dictionary<string, long>>(note) ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal));
        }
        catch (JsonException)
        {
            throw new RefusalException("what the log says about delivered files can't be read", note!, "a JSON object of files and lengths", "Use the state directory with the pipeline that made it.");
        }
    }
}
