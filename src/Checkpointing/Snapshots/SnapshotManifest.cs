using System.Text.Json;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>What a snapshot is: the files of a state directory at one commit, and what they hold. Written last, so what has a manifest is whole.</summary>
public sealed record SnapshotManifest
{
    /// <summary>The version of this form.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>See <see cref="CurrentVersion"/>.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Its name: when it was made, and at which commit. Names of one pipeline sort by age.</summary>
    public required string Id { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pipeline's identity.</summary>
    public required Guid Pipeline { get; init; }

    /// <summary>The incarnation that wrote the last commit; what is restored is its child.</summary>
    public required Guid Incarnation { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The last commit it holds.</summary>
    public required ulong Commit { get; init; }

    /// <summary>The commit up to which RocksDB holds the state; the log has the rest.</summary>
    public required ulong Checkpoint { get; init; }

    /// <summary>Where the sources stand: partition and position.</summary>
    public required IReadOnlyDictionary<string, string> Frontier { get; init; }

    /// <summary>What is on record about each target.</summary>
    public required IReadOnlyList<Outbox> Targets { get; init; }

    /// <summary>Its files, by path.</summary>
    public required IReadOnlyList<StoredFile> Files { get; init; }

    /// <summary>The output of one target at that commit.</summary>
    /// <param name="Target">The target's name.</param>
    /// <param name="Delivered">The commit of its newest marker on record; 0 for none.</param>
    /// <param name="Rows">Rows behind that, which the snapshot holds.</param>
    public sealed record Outbox(string Target, ulong Delivered, long Rows);

    /// <summary>One file.</summary>
    /// <param name="Path">Its path in the state directory, with <c>/</c>.</param>
    /// <param name="Bytes">Its length.</param>
    /// <param name="Sha256">The SHA-256 of its content, in lower-case hexadecimal digits; also its key among the objects.</param>
    /// <param name="WrittenAt">When it was last written. A file of RocksDB with the same name, length and time is the same.</param>
    public sealed record StoredFile(string Path, long Bytes, string Sha256, DateTimeOffset WrittenAt);

    /// <summary>Bytes of all its files.</summary>
    public long Bytes => Files.Sum(f => f.Bytes);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="RefusalException">It can't be read, or is of a later version.</exception>
    internal static SnapshotManifest FromBytes(ReadOnlySpan<byte> bytes, string place)
    {
        string found;
        try
        {
            var manifest = JsonSerializer.Deserialize<SnapshotManifest>(bytes, Json);
            if (manifest is { Version: CurrentVersion }) return manifest;
            found = $"version {manifest?.Version}";
        }
        catch (JsonException e)
        {
            found = e.Message;
        }

        throw new RefusalException($"the snapshot {place} can't be read", found, $"a manifest of version {CurrentVersion}", "Use the version of Pathway that wrote it, or another snapshot.");
    }
}
