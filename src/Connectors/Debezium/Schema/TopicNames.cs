using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Names of topics.</summary>
internal static class TopicNames
{
    /// <summary>"prefix.schema.table", with an underscore for each character that Kafka doesn't allow.</summary>
    public static string Of(PgTable table, DebeziumOptions options) =>
        string.Create(options.TopicPrefix.Length + 1 + table.Schema.Length + 1 + table.Name.Length, (options.TopicPrefix, table), static (name, parts) =>
        {
            _ = name.TryWrite($"{parts.TopicPrefix}.{parts.table.Schema}.{parts.table.Name}", out _);
            foreach (ref var character in name)
                if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-')) character = '_';
        });
}
