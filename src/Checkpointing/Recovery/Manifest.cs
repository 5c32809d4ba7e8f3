using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Who a state directory belongs to: the pipeline's identity, its incarnations, the numbers of its operators, the plan that wrote it.</summary>
/// <remarks>A small file that is replaced as a whole (written beside, synced, renamed, directory synced) at each start, before anything is claimed.</remarks>
public sealed record Manifest
{
    /// <summary>The version of this file's form. 2 records what steps read, and a change of the plan that is under way; 1 didn't.</summary>
    public const int CurrentVersion = 2;

    /// <summary>See <see cref="CurrentVersion"/>.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The pipeline's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pipeline's identity.</summary>
    public required Guid Pipeline { get; init; }

    /// <summary>All starts, oldest first: the ancestry. The last is the current one.</summary>
    public required IReadOnlyList<Start> Incarnations { get; init; }

    /// <summary>The numbers of the plan's states by path.</summary>
    public required IReadOnlyDictionary<string, uint> Operators { get; init; }

    /// <summary>The next number for a state. A number is never used again for another one.</summary>
    public uint NextOperator { get; init; }

    /// <summary>The plan that the state belongs to.</summary>
    public required PlanDescription Plan { get; init; }

    /// <summary>Destinations that plans before wrote and this one doesn't: what they got is still there.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];

    /// <summary>The change from another plan that is under way; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PlanTransition? Transition { get; init; }

    /// <summary>The snapshot that the directory was restored from, until all targets were claimed once; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RestoredFrom { get; init; }

    /// <summary>Targets that had more than the snapshot when it was restored, and where they were; null when none has any more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReplayedMarker>? Replays { get; init; }

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

    /// <summary>This manifest for a plan with the states <paramref name="paths"/>; those that have a number keep it.</summary>
    public Manifest For(PlanDescription plan, IEnumerable<string> paths) => For(plan, paths.ToDictionary(p => p, p => Operators.ContainsKey(p) ? p : null, StringComparer.Ordinal));

    /// <summary>This manifest for a plan with other states.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="states">Each state with the one that it was so far; null for one that is made anew, which gets a number of its own.</param>
    public Manifest For(PlanDescription plan, IReadOnlyDictionary<string, string?> states)
    {
        var next = Math.Max(NextOperator, Operators.Count == 0 ? 1 : Operators.Values.Max() + 1);
        var (before, now) = (SinksOf(Plan), SinksOf(plan));
        return this with { Plan = plan, Left = [.. Left.Union(before, StringComparer.Ordinal).Except(now, StringComparer.Ordinal)], Operators = states.ToDictionary(s => s.Key, s => s.Value is { } before ? Operators[before] : next++, StringComparer.Ordinal), NextOperator = next };
    }

    /// <summary>This manifest, before the change of the plan that is under way; the numbers that were given for it stay given.</summary>
    public Manifest Reverted() => Transition is { } begun ? this with { Plan = begun.Plan, Operators = begun.Operators, Left = begun.Left, Transition = null } : this;

    private static IEnumerable<string> SinksOf(PlanDescription plan) => plan.Steps.Where(s => s.Kind == "Sink").Select(s => s.Text);

    /// <summary>Reads the manifest of a state directory; null if there is none.</summary>
    /// <exception cref="RefusalException">It can't be read, or is of a later version.</exception>
    public static Manifest? Load(StatePaths paths)
    {
        if (!File.Exists(paths.Manifest)) return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(paths.Manifest), Json);
            if (manifest is { Version: 1 or CurrentVersion, Incarnations.Count: > 0 }) return manifest with { Version = CurrentVersion };
            throw Unreadable($"version {manifest?.Version}");
        }
        catch (JsonException e)
        {
            throw Unreadable(e.Message);
        }

        RefusalException Unreadable(string found) => new(
            $"'{paths.Manifest}' can't be read", found, $"a manifest of version {CurrentVersion} or before", "Use the version of Pathway that wrote it, or restore the directory.");
    }

    /// <summary>Replaces the manifest of a state directory, durably.</summary>
    public void Save(StatePaths paths) => DurableFile.Replace(paths.Manifest, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
}

/// <summary>A change of the plan that has begun: it counts as soon as a commit stands behind <paramref name="Behind"/>, which holds what it gave out; until then the plan before is the one that the state belongs to.</summary>
/// <param name="Behind">The last commit of the plan before.</param>
/// <param name="Plan">That plan.</param>
/// <param name="Operators">The numbers of its states.</param>
/// <param name="Left">Destinations that plans before it wrote.</param>
public sealed record PlanTransition(ulong Behind, PlanDescription Plan, IReadOnlyDictionary<string, uint> Operators, IReadOnlyList<string> Left);
