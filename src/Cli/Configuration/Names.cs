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

    /// <summary>A table or pattern.</summary>
    public static string? TableProblem(string table) =>
        table.IndexOf('.') is var dot and > 0 && dot < table.Length - 1 ? null : $"'{table}' names no table. Write schema.table, such as public.orders or \"public.order_*\".";

    /// <summary>A replication slot.</summary>
    public static string? SlotProblem(string slot) =>
        slot.Length is > 0 and <= 63 && slot.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? null : $"'{slot}' can't name a replication slot. Postgres takes lower-case letters, digits and '_', at most 63.";

    /// <summary>A publication.</summary>
    public static string? PublicationProblem(string publication) =>
        publication.Length is > 0 && System.Text.Encoding.UTF8.GetByteCount(publication) <= 63 && !publication.Contains('\0') ? null : "a publication's name has at most 63 bytes.";

    /// <summary>A setting of librdkafka that is ours to make, since the guarantee hangs on it.</summary>
    public static string? ClientProblem(string setting) => setting switch
    {
        "transactional.id" => "'transactional.id' is made from the pipeline's name; leave it out.",
        "enable.idempotence" or "acks" or "request.required.acks" or "max.in.flight" or "max.in.flight.requests.per.connection" or "message.send.max.retries" or "retries" =>
            $"'{setting}' is set by the exactly-once producer; leave it out.",
        "transaction.timeout.ms" => "'transaction.timeout.ms' is made from transaction.time; set that instead.",
        "" => "a setting without a name.",
        _ => null,
    };

    /// <summary>A pipeline's name in the alphabet of replication slots.</summary>
    public static string ForPostgres(string name)
    {
        var letters = name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_').Take(63).ToArray();
        return new string(letters);
    }

    private static bool IsTopicPart(string text, int longest) =>
        text.Length > 0 && text.Length <= longest && text is not ("." or "..") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
