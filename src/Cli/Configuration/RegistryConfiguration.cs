using Pathway.Connectors.Debezium;

namespace Pathway.Cli;

/// <summary>The section <c>registry</c>: where Avro schemas are registered.</summary>
internal sealed record RegistryConfiguration
{
    /// <summary>Its address.</summary>
    public required string Url { get; init; }

    /// <summary>Under which subjects schemas are registered. Default: topic-key, topic-value.</summary>
    public SubjectNames Subjects { get; init; }

    /// <summary>Whether new schemas are registered. Default: true.</summary>
    public bool Register { get; init; } = true;

    /// <summary>Settings of Confluent's client; they may hold secrets.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();
}
