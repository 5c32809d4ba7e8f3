using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Who a state directory belongs to: the pipeline's identity, its incarnations, the numbers of its operators, the plan that wrote it.</summary>
/// <remarks>A small file that is replaced as a whole (written beside, synced, renamed, directory synced) at each start, before anything is claimed.</remarks>
public sealed record Manifest
{
    /// <summary>The version of this file's form.</summary>
    public const int CurrentVersion = 1;

    /// <summary>See <see cref="CurrentVersion"/>.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The pipeline's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pipeline's identity.</summary>
    public required Guid Pipeline { get; init; }

    /// <summary>All starts, oldest first: the ancestry. The last is the current one.</summary>
    public required IReadOnlyList<Start> Incarnations { get; init; }

    /// <summary>Operator ids by path. A number is never used again for another path.</summary>
    public required IReadOnlyDictionary<string, uint> Operators { get; init; }

    /// <summary>The plan that the state belongs to.</summary>
    public required PlanDescription Plan { get; init; }

    /// <summary>The snapshot that the directory was restored from last; null if it never was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RestoredFrom { get; init; }

    /// <summary>One start.</summary>
    /// <param name="Incarnation">Its identity.</param>
    /// <param name="Parent">The start before it; null for the first.</param>
    /// <param name="At">When.</param>
    public sealed record Start(Guid Incarnation, Guid? Parent, DateTimeOffset At);

    /// <summary>The current incarnation.</summary>
    public Incarnation Current => new(Incarnations[^1].Incarnation);

    /// <summary>Whether <paramref name="incarnation"/> is the current one or an ancestor of it.</summary>
    public bool IsOurs(Incarnation incarnation) => Incarnations.Any(i => i.Incarnation == incarnation.Value);

    /// <summary>This manifest with a new incarnation, whose parent is the current one.</summary>
    public Manifest Restarted(Incarnation incarnation, DateTimeOffset at) => this with
    {
        Incarnations = [.. Incarnations, new Start(incarnation.Value, Incarnations.Count == 0 ? null : Incarnations[^1].Incarnation, at)],
    };

    /// <summary>This manifest with a number for each of <paramref name="paths"/>; those that have one keep it.</summary>
    public Manifest WithOperators(IEnumerable<string> paths)
    {
        var numbers = Operators.ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal);
        var next = numbers.Count == 0 ? 1 : numbers.Values.Max() + 1;
        foreach (var path in paths)
            if (numbers.TryAdd(path, next)) next++;
        return this with { Operators = numbers };
    }

    /// <summary>Reads the manifest of a state directory; null if there is none.</summary>
    /// <exception cref="RefusalException">It can't be read, or is of a later version.</exception>
    public static Manifest? Load(StatePaths paths)
    {
        if (!File.Exists(paths.Manifest)) return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(paths.Manifest), Json);
            if (manifest is { Version: CurrentVersion, Incarnations.Count: > 0 }) return manifest;
            throw Unreadable($"version {manifest?.Version}");
        }
        catch (JsonException e)
        {
            throw Unreadable(e.Message);
        }

        RefusalException Unreadable(string found) => new(
            $"'{paths.Manifest}' can't be read", found, $"a manifest of version {CurrentVersion}", "Use the version of Pathway that wrote it, or restore the directory.");
    }

    /// <summary>Replaces the manifest of a state directory, durably.</summary>
    public void Save(StatePaths paths) => DurableFile.Replace(paths.Manifest, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
}
