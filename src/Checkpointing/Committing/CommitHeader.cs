using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>What stands in a commit's closing record.</summary>
/// <param name="Summary">Number, epoch, frontier and sizes of the output.</param>
/// <param name="Incarnation">The start that wrote it.</param>
/// <param name="Delivered">The newest marker of every target, as known when the commit was made.</param>
/// <param name="Watermark">Event time of the commit; null until there is event time.</param>
/// <param name="Part">The part of a pipeline that runs in several processes; 0 today.</param>
public sealed record CommitHeader(CommitSummary Summary, Incarnation Incarnation, IReadOnlyList<DeliveredMarker> Delivered, DateTimeOffset? Watermark = null, int Part = 0)
{
    /// <summary>The bytes of the closing record.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(
            Summary.Number.Value, Summary.Epoch.Value, Incarnation.Value, Summary.Frontier.Positions.ToDictionary(p => p.Key, p => p.Value.Text),
            [.. Summary.Outputs.Select(o => new StoredOutput(o.Target, o.Rows, o.Bytes))],
            [.. Delivered.Select(d => new StoredDelivered(d.Marker.ToJson(), d.Note))], Watermark, Part),
        CommitHeaderJson.Default.Stored);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="RefusalException">The bytes are no closing record of ours.</exception>
    public static CommitHeader FromBytes(ReadOnlySpan<byte> bytes)
    {
        Stored stored;
        try
        {
            stored = JsonSerializer.Deserialize(bytes, CommitHeaderJson.Default.Stored)!;
        }
        catch (JsonException e)
        {
            throw new RefusalException("a closing record of the commit log can't be read", e.Message, "the form of this version", "Use the version of Pathway that wrote it.");
        }

        var frontier = stored.Frontier.Aggregate(Frontier.Empty, (f, p) => f.With(p.Key, new Position(p.Value)));
        var summary = new CommitSummary(
            new CommitNumber(stored.Commit), new Epoch(stored.Epoch), frontier, [.. stored.Outputs.Select(o => new CommitOutput(o.Target, o.Rows, o.Bytes))]);
        return new CommitHeader(
            summary, new Incarnation(stored.Incarnation), [.. stored.Delivered.Select(d => new DeliveredMarker(Marker.FromJson(System.Text.Encoding.UTF8.GetBytes(d.Marker)), d.Note))],
            stored.Watermark, stored.Part);
    }

    internal sealed record Stored(
        ulong Commit, ulong Epoch, Guid Incarnation, Dictionary<string, string> Frontier, StoredOutput[] Outputs, StoredDelivered[] Delivered, DateTimeOffset? Watermark, int Part);

    internal sealed record StoredOutput(string Target, long Rows, long Bytes);

    internal sealed record StoredDelivered(string Marker, string? Note);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CommitHeader.Stored))]
internal sealed partial class CommitHeaderJson : JsonSerializerContext;
