using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Where a Postgres source stands: a place in the WAL, what the slot belongs to, and how far the initial load is.</summary>
internal sealed record PostgresPosition
{
    /// <summary>What was committed up to here has been handed on.</summary>
    [JsonIgnore]
    public Lsn Lsn { get; init; }

    /// <summary>The LSN as text.</summary>
    [JsonPropertyName("lsn")]
    [JsonPropertyOrder(-1)]
    public string LsnText
    {
        get => Lsn.ToString();
        init => Lsn = Lsn.Parse(value);
    }

    /// <summary>Whether the slot was only about to be made.</summary>
    public bool Intended { get; init; }

    /// <summary>Whether, once the slot is made, every table is loaded again: the slot before was lost.</summary>
    public bool Again { get; init; }

    /// <summary>The cluster's system identifier.</summary>
    public required string System { get; init; }

    /// <summary>The cluster's timeline.</summary>
    public required uint Timeline { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>The tables that are read, with the letter of their replica identity.</summary>
    public required IReadOnlyDictionary<string, string> Tables { get; init; }

    /// <summary>Of tables that are published in part: which part (<see cref="FoundTable.PublishedPart"/>). Null in positions of versions that didn't keep it.</summary>
    public IReadOnlyDictionary<string, string>? Parts { get; init; }

    /// <summary>The publication's <see cref="PublicationState.Stamp"/>; null in positions of versions that didn't keep it.</summary>
    public string? Publication { get; init; }

    /// <summary>What the publication sends; null in positions of versions that didn't keep it.</summary>
    public string? Operations { get; init; }

    /// <summary>Of tables that are published one by one: <see cref="FoundTable.PublicationEntry"/>. Null in positions of versions that didn't keep it.</summary>
    public IReadOnlyDictionary<string, uint>? Entries { get; init; }

    /// <summary>How far the initial load is; null when it is done or wasn't asked for.</summary>
    public LoadProgress? Load { get; init; }

    /// <summary>The parts of tables that are published in part.</summary>
    public static Dictionary<string, string> PartsOf(IEnumerable<FoundTable> tables) => tables.Where(t => t.PublishedPart.Length > 0).ToDictionary(t => t.FullName, t => t.PublishedPart);

    /// <summary>The entries of tables that are published one by one.</summary>
    public static Dictionary<string, uint> EntriesOf(IEnumerable<FoundTable> tables) => tables.Where(t => t.PublicationEntry is not null).ToDictionary(t => t.FullName, t => t.PublicationEntry!.Value);

    /// <summary>The text form.</summary>
    public Position ToPosition() => new(JsonSerializer.Serialize(this, PositionJson.Default.PostgresPosition));

    /// <summary>Reads the text form.</summary>
    public static PostgresPosition Parse(Position position)
    {
        try
        {
            return JsonSerializer.Deserialize(position.Text, PositionJson.Default.PostgresPosition)!;
        }
        catch (JsonException e)
        {
            throw new RefusalException("the stored position of the Postgres source can't be read", e.Message, "the form of this version", "Use the version of Pathway that wrote the state directory.");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(PostgresPosition))]
internal sealed partial class PositionJson : JsonSerializerContext;
