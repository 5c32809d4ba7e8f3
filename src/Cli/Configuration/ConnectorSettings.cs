namespace Pathway.Cli;

/// <summary>What settings of a Debezium connector mean here that aren't about the form of records.</summary>
internal static class ConnectorSettings
{
    // What stands in another place of the sync's file.
    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["topic.prefix"] = "to.kafka.topic-prefix",
        ["database.hostname"] = "from.postgres.connection, Host=",
        ["database.port"] = "from.postgres.connection, Port=",
        ["database.user"] = "from.postgres.connection, Username=",
        ["database.password"] = "from.postgres.connection, Password=",
        ["database.dbname"] = "from.postgres.connection, Database=",
        ["database.sslmode"] = "from.postgres.connection, SSL Mode=",
        ["slot.name"] = "from.postgres.slot",
        ["publication.name"] = "from.postgres.publication",
        ["snapshot.mode"] = "from.postgres.initial-load",
    };

    // What there is nothing for, and why.
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["connector.class"] = "this is the connector",
        ["name"] = "the pipeline's name is 'name'",
        ["tasks.max"] = "one process reads one slot",
        ["plugin.name"] = "the plugin is pgoutput",
        ["slot.drop.on.stop"] = "the slot stays, since a restart goes on from it",
        ["slot.max.retries"] = "lost connections are made again for as long as give-up-after says",
        ["slot.retry.delay.ms"] = "the delay doubles from 250 ms to 30 s",
        ["slot.failover"] = "a slot on a standby is made by hand",
        ["publication.autocreate.mode"] = "the publication has the tables that are listed",
        ["publish.via.partition.root"] = "it is a property of the publication: CREATE PUBLICATION … WITH (publish_via_partition_root)",
        ["status.update.interval.ms"] = "the position is confirmed when it is delivered",
        ["lsn.flush.mode"] = "the position is confirmed when it is delivered",
        ["offset.flush.interval.ms"] = "positions are part of each commit",
        ["offset.storage"] = "positions are kept in the state directory and in Kafka's progress topic",
        ["max.batch.size"] = "batches follow commit-every",
        ["max.queue.size"] = "queues are bounded by bytes",
        ["max.queue.size.in.bytes"] = "queues are bounded by bytes",
        ["poll.interval.ms"] = "changes are taken as they come",
        ["errors.max.retries"] = "servers that are away are waited for",
        ["event.processing.failure.handling.mode"] = "what can't be read stops the pipeline",
        ["xmin.fetch.interval.ms"] = "xmin is null",
        ["signal.data.collection"] = "tables are loaded anew by command, not by signal",
        ["notification.enabled.channels"] = "what happens is in the log and the metrics",
        ["snapshot.fetch.size"] = "the initial load reads chunks",
        ["snapshot.max.threads"] = "the initial load reads chunks",
        ["snapshot.isolation.mode"] = "the initial load reads chunks between the changes",
        ["snapshot.locking.mode"] = "nothing is locked",
        ["incremental.snapshot.chunk.size"] = "the initial load reads chunks",
        ["converters"] = "custom converters are Java code",
        ["post.processors"] = "post processors are Java code",
        ["predicates"] = "predicates are Java code",
        ["key.converter"] = "the form is to.kafka.format",
        ["value.converter"] = "the form is to.kafka.format",
    };

    /// <summary>Where a setting stands in the sync's file; null where it is one of the section <c>debezium</c>, or unknown.</summary>
    public static string? Elsewhere(string name) => Places.GetValueOrDefault(name);

    /// <summary>Why there is nothing for a setting; null where nothing is known of it.</summary>
    public static string? WhyNot(string name)
    {
        if (Reasons.TryGetValue(name, out var reason)) return reason;
        foreach (var (prefix, why) in new[] { ("snapshot.", "the initial load reads chunks"), ("database.", "see Npgsql's words for from.postgres.connection"), ("driver.", "see Npgsql's words for from.postgres.connection"),
            ("key.converter.", "see registry"), ("value.converter.", "see registry"), ("topic.creation.", "see to.kafka.topics and partitions"), ("producer.", "see to.kafka.client"), ("schema.history.", "the history of schemas is not kept in a topic"),
            ("offset.", "positions are part of each commit"), ("errors.", "what can't be read stops the pipeline"), ("signal.", "tables are loaded anew by command"), ("notification.", "what happens is in the log") })
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return why;
        return null;
    }
}
