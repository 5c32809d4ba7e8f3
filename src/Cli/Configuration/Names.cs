namespace Pathway.Cli;

/// <summary>What names in a configuration must look like. Each check gives the rest of a sentence after "key: ", or null.</summary>
internal static class Names
{
    private const int TopicLengthMax = 249;

    /// <summary>A pipeline's name becomes part of a topic's name and of transactional ids.</summary>
    public static string? PipelineProblem(string name) =>
        IsTopicPart(name, TopicLengthMax - "__pathway.".Length) ? null : $"'{name}' can't name a pipeline. Use letters, digits, '.', '_' and '-', at most {TopicLengthMax - "__pathway.".Length}.";

    /// <summary>The first part of topics.</summary>
    public static string? TopicPrefixProblem(string prefix) =>
        IsTopicPart(prefix, TopicLengthMax) ? null : $"'{prefix}' can't begin a topic's name. Use letters, digits, '.', '_' and '-'.";

    /// <summary>A topic.</summary>
    public static string? TopicProblem(string topic) => IsTopicPart(topic, TopicLengthMax) ? null : $"'{topic}' can't name a Kafka topic. Use letters, digits, '.', '_' and '-', at most {TopicLengthMax}.";

    /// <summary>A table or pattern.</summary>
    public static string? TableProblem(string table) =>
        table.IndexOf('.') is var dot and > 0 && dot < table.Length - 1 ? null : $"'{table}' names no table. Write schema.table, such as public.orders or \"public.order_*\".";

    /// <summary>A schema of Postgres.</summary>
    public static string? SchemaProblem(string schema) => schema.Length is > 0 and <= 63 ? null : $"'{schema}' can't name a schema: it has {schema.Length} characters; 1 to 63 are allowed.";

    /// <summary>A replication slot.</summary>
    public static string? SlotProblem(string slot) => IsPlain(slot) ? null : $"'{slot}' can't name a replication slot. Use lower-case letters, digits and '_', at most 63.";

    /// <summary>A publication.</summary>
    public static string? PublicationProblem(string publication) => IsPlain(publication) ? null : $"'{publication}' can't name a publication. Use lower-case letters, digits and '_', at most 63.";

    /// <summary>A setting of librdkafka. Those that are ours alone are refused by the Kafka room, too; this one is said with its place.</summary>
    public static string? ClientProblem(string setting) => setting switch
    {
        "transactional.id" => "'transactional.id' is made from the pipeline's name; leave it out.",
        "" => "a setting without a name.",
        _ => null,
    };

    /// <summary>An address of a schema registry, or several with commas between.</summary>
    public static string? UrlProblem(string url) => url.Split(',').All(one => Uri.TryCreate(one.Trim(), UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https")
        ? url.Contains('@', StringComparison.Ordinal) ? "holds a user or password; put it into registry.client as schema.registry.basic.auth.user.info." : null
        : $"'{url}' is no address such as http://localhost:8081.";

    /// <summary>A setting of Confluent's client of a schema registry.</summary>
    public static string? RegistryClientProblem(string setting) => setting switch
    {
        "schema.registry.url" => "'schema.registry.url' is registry.url; leave it out.",
        _ when !setting.StartsWith("schema.registry.", StringComparison.Ordinal) => $"'{setting}' is no setting of the registry's client; those begin with schema.registry., such as schema.registry.basic.auth.user.info.",
        _ => null,
    };

    /// <summary>A pipeline's name in the alphabet of replication slots.</summary>
    public static string ForPostgres(string name)
    {
        var letters = name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_').Take(63).ToArray();
        return new string(letters);
    }

    private static bool IsPlain(string name) => name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static bool IsTopicPart(string text, int longest) =>
        text.Length > 0 && text.Length <= longest && text is not ("." or "..") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
