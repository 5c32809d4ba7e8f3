using System.Collections.Immutable;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A file as it was when it was taken in.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="Modified">When it was written last, in ticks of UTC.</param>
/// <param name="Lines">How many lines it had.</param>
internal readonly record struct TakenFile(long Length, long Modified, long Lines);

/// <summary>Which files of a folder were taken in.</summary>
internal sealed record FolderPosition(ImmutableSortedDictionary<string, TakenFile> Files)
{
    public static FolderPosition None { get; } = new(ImmutableSortedDictionary.Create<string, TakenFile>(StringComparer.Ordinal));

    public Position ToPosition() => new(JsonSerializer.Serialize(Files.ToDictionary(f => f.Key, f => (long[])[f.Value.Length, f.Value.Modified, f.Value.Lines])));

    /// <exception cref="RefusalException">The text is no position in a folder.</exception>
    public static FolderPosition Parse(Position position)
    {
        try
        {
            if (JsonSerializer.Deserialize<Dictionary<string, long[]>>(position.Text) is { } read && read.Values.All(v => v is { Length: 3 }))
                return new(read.ToImmutableSortedDictionary(f => f.Key, f => new TakenFile(f.Value[0], f.Value[1], f.Value[2]), StringComparer.Ordinal));
        }
        catch (JsonException)
        {
            // said below
        }

        throw new RefusalException("a position that no folder source wrote", position.Text, "{\"file\": [length, time, lines], …}", "Use the state directory with the pipeline that made it.");
    }
}
