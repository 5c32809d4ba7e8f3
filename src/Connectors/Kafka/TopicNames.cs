using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Names of topics, and those that a pipeline has of its own.</summary>
internal static class TopicNames
{
    private const int LengthMax = 249;

    /// <summary>The topic of a pipeline's markers.</summary>
    public static string Progress(string pipeline) => $"__pathway.{pipeline}";

    /// <summary>What is wrong with a name, as the end of a sentence; null for nothing.</summary>
    public static string? Problem(string topic) =>
        topic.Length == 0 ? "it is empty"
        : topic is "." or ".." ? "that name is reserved"
        : topic.Length > LengthMax ? $"it has {topic.Length} characters; Kafka allows {LengthMax}"
        : topic.FirstOrDefault(c => !(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')) is var odd and not '\0' ? $"'{odd}' isn't allowed in it; letters, digits, '.', '_' and '-' are"
        : null;

    /// <exception cref="ConfigurationException">The name isn't one that Kafka allows.</exception>
    public static void Check(string topic)
    {
        if (Problem(topic) is { } problem) throw new ConfigurationException($"'{topic}' can't be the name of a Kafka topic: {problem}.");
    }
}
