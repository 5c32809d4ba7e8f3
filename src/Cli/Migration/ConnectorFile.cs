using System.Text.Json;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The configuration of a Debezium connector, as it is given to Kafka Connect (JSON) or to Debezium Server or a standalone worker (properties).</summary>
/// <param name="Name">The connector's name; null where the file has none.</param>
/// <param name="Settings">Its settings, in the order of the file.</param>
internal sealed record ConnectorFile(string? Name, IReadOnlyDictionary<string, string> Settings)
{
    private const string Server = "debezium.source.";

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">It can't be read, or isn't a connector's configuration.</exception>
    public static ConnectorFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The connector's configuration '{path}' can't be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="ConfigurationException">It isn't a connector's configuration.</exception>
    public static ConnectorFile Parse(string path, string text)
    {
        var file = text.TrimStart().StartsWith('{') ? ParseJson(path, text) : ParseProperties(text);
        if (file.Settings.TryGetValue("connector.class", out var type) && !type.EndsWith("PostgresConnector", StringComparison.Ordinal))
            throw new ConfigurationException($"{path} is for the connector {type}; known is io.debezium.connector.postgresql.PostgresConnector.");
        if (!file.Settings.ContainsKey("topic.prefix") && !file.Settings.ContainsKey("database.server.name"))
            throw new ConfigurationException($"{path} has no topic.prefix; expected is the configuration of Debezium's Postgres connector, as JSON {{\"name\": …, \"config\": {{…}}}} or as properties.");
        return file;
    }

    private static ConnectorFile ParseJson(string path, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var root = document.RootElement;
            var config = root.TryGetProperty("config", out var inner) ? inner : root;
            var settings = config.EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.ToString(), StringComparer.Ordinal);
            return new ConnectorFile(root.TryGetProperty("name", out var name) ? name.ToString() : null, settings);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new ConfigurationException($"{path} is no JSON of a connector's configuration: {failure.Message}", failure);
        }
    }

    private static ConnectorFile ParseProperties(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line[0] is '#' or '!') continue;
            var name = line[..equals].Trim();
            settings[name.StartsWith(Server, StringComparison.Ordinal) ? name[Server.Length..] : name] = line[(equals + 1)..].Trim();
        }

        return new ConnectorFile(settings.GetValueOrDefault("name"), settings);
    }
}
