using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pathway.Core;

/// <summary>A target's record of how far this pipeline delivered to it, written last in the same transaction as the output.</summary>
/// <param name="Pipeline">Who delivered.</param>
/// <param name="Incarnation">Which start of it.</param>
/// <param name="Target">The target's name in the pipeline.</param>
/// <param name="Commit">The last commit of which output was delivered.</param>
/// <param name="Offset">How many of that commit's output rows for this target were delivered, from its beginning.</param>
/// <param name="IsWhole">Whether that is all of that commit's output.</param>
/// <param name="Frontier">The frontier of the last commit that was delivered whole.</param>
/// <param name="Part">The part of a pipeline that runs in several processes; 0 today.</param>
/// <param name="Epoch">The last epoch that the target was told of, with the last commit that was delivered whole; 0 where it isn't known.</param>
public sealed record Marker(PipelineId Pipeline, Incarnation Incarnation, string Target, CommitNumber Commit, long Offset, bool IsWhole, Frontier Frontier, int Part = 0, Epoch Epoch = default)
{
    /// <summary>The JSON text that targets store.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new Stored(1, Pipeline.Value, Incarnation.Value, Target, Commit.Value, Offset, IsWhole, Part, Frontier.Positions.ToDictionary(p => p.Key, p => p.Value.Text), Epoch.Value),
        StoredJson.Default.Stored);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="RefusalException">The text is no marker, or one of a later version.</exception>
    public static Marker FromJson(ReadOnlySpan<byte> json)
    {
        Stored? stored = null;
        string? reason = null;
        try
        {
            stored = JsonSerializer.Deserialize(json, StoredJson.Default.Stored);
        }
        catch (JsonException e)
        {
            reason = e.Message;
        }

        if (stored is not { Version: 1 })
            throw new RefusalException("a progress marker that can't be read", reason ?? $"version {stored?.Version}", "a marker of version 1", "Use the version of Pathway that wrote it, or check who else writes there.");
        var frontier = stored.Frontier.Aggregate(Frontier.Empty, (f, p) => f.With(p.Key, new Position(p.Value)));
        return new Marker(new PipelineId(stored.Pipeline), new Incarnation(stored.Incarnation), stored.Target, new CommitNumber(stored.Commit), stored.Offset, stored.Whole, frontier, stored.Part, new Epoch(stored.Epoch));
    }

    internal sealed record Stored(int Version, Guid Pipeline, Guid Incarnation, string Target, ulong Commit, long Offset, bool Whole, int Part, Dictionary<string, string> Frontier, ulong Epoch = 0);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Marker.Stored))]
internal sealed partial class StoredJson : JsonSerializerContext;
