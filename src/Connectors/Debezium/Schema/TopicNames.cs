using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Names of topics; a character that Kafka doesn't allow is an underscore.</summary>
internal static class TopicNames
{
    private const int LongestName = 249;

    /// <summary>The topic of a table: prefix.schema.table.</summary>
    public static string Of(PgTable table, DebeziumOptions options) => Safe($"{options.TopicPrefix}{options.TopicDelimiter}{table.Schema}{options.TopicDelimiter}{table.Name}");

    /// <summary>The topic of begins and ends of transactions.</summary>
    public static string OfTransactions(DebeziumOptions options) => Safe($"{options.TopicPrefix}{options.TopicDelimiter}{options.TransactionTopic}");

    /// <summary>The topic of logical messages.</summary>
    public static string OfMessages(DebeziumOptions options) => Safe($"{options.TopicPrefix}{options.TopicDelimiter}message");

    /// <summary>The topic of heartbeats.</summary>
    public static string OfHeartbeats(DebeziumOptions options) => Safe($"{options.HeartbeatTopicPrefix}{options.TopicDelimiter}{options.TopicPrefix}");

    /// <summary>A name with underscores for what Kafka doesn't allow, and no longer than it allows.</summary>
    public static string Safe(string name) => string.Create(Math.Min(name.Length, LongestName), name, static (safe, name) =>
    {
        for (var i = 0; i < safe.Length; i++)
            safe[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '.' or '_' or '-' ? name[i] : '_';
    });
}
