using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Where a generator stands.</summary>
/// <param name="Transaction">The last transaction that was made up; 0 before the first.</param>
/// <param name="Rows">How many rows all transactions so far had.</param>
/// <param name="Settings">The generator's settings.</param>
public sealed record GeneratorPosition(long Transaction, long Rows, string Settings)
{
    /// <summary>As a position.</summary>
    public Position ToPosition() => new(JsonSerializer.Serialize(this, GeneratorPositionJson.Default.GeneratorPosition));

    /// <summary>Reads what <see cref="ToPosition"/> wrote.</summary>
    /// <exception cref="RefusalException">The text is no position of a generator.</exception>
    public static GeneratorPosition Parse(Position position)
    {
        try
        {
            if (JsonSerializer.Deserialize(position.Text, GeneratorPositionJson.Default.GeneratorPosition) is { Transaction: >= 0, Settings: not null } read) return read;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new RefusalException("a position that no generator wrote", position.Text, "{\"transaction\": …, \"rows\": …, \"settings\": …}", "Use the state directory with the pipeline that made it.");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GeneratorPosition))]
internal sealed partial class GeneratorPositionJson : JsonSerializerContext;
