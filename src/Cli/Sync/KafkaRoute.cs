using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;

namespace Pathway.Cli;

/// <summary>The routes from topics to the tables of a database, or to other topics.</summary>
internal static class KafkaRoute
{
    /// <summary>Adds the route to a pipeline.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="configuration">What it does.</param>
    /// <param name="from">What it reads.</param>
    /// <param name="sink">Where it goes.</param>
    /// <param name="schemas">Where the schemas of Avro records are; null for JSON.</param>
    public static void Add(Pipeline pipeline, SyncConfiguration configuration, KafkaSourceConfiguration from, Connectors.StreamSink<ChangeEvent> sink, ISchemaSource? schemas)
    {
        var options = Source(configuration, from);
        var parser = from.Plain ? PlainJsonParsers.Changes(from.Key)
            : DebeziumParsers.Changes(new DebeziumReadOptions { Unwrapped = from.Unwrapped, Documents = from.Documents, Schemas = schemas, SkipUpdatesWithoutDocument = from.SkipUpdatesWithoutDocument });
        pipeline.Stream(Kafka.Source(from.Topics, options, parser)).To(sink);
        if (from.DeadLetters is { } topic) pipeline.Stream(Kafka.DeadLetters(options)).To(Kafka.DeadLetterTopic(topic, Letters(configuration, from)));
    }

    /// <summary>Where the schemas of Avro records are; null where records aren't Avro.</summary>
    /// <param name="configuration">What the sync does.</param>
    /// <param name="waiting">Told why nothing goes on, and with null that it does again.</param>
    /// <param name="stop">Ends the waiting.</param>
    public static ConfluentSchemaSource? Schemas(SyncConfiguration configuration, Action<string?> waiting, CancellationToken stop) => configuration.FromKafka is { Avro: true } && configuration.Registry is { } registry
        ? new ConfluentSchemaSource(new SchemaRegistryOptions { Url = registry.Url, Client = registry.Client, GiveUpAfter = configuration.GiveUpAfter, Waiting = waiting, Stop = stop }, TimeProvider.System)
        : null;

    /// <summary>What would keep a sync from reading, as sentences; empty if nothing would.</summary>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(SyncConfiguration configuration, KafkaSourceConfiguration from, CancellationToken stop)
    {
        var ofSource = await KafkaCheck.FindProblemsOfSourceAsync(Source(configuration, from), configuration.Name, from.Topics, stop);
        if (from.DeadLetters is not { } letters) return ofSource;
        return [.. ofSource.Union(await KafkaCheck.FindProblemsAsync(Letters(configuration, from), configuration.Name, [letters], stop))];
    }

    // Rows may go to another cluster.
    private static KafkaOptions Letters(SyncConfiguration configuration, KafkaSourceConfiguration from) => new() { Client = from.Client, Name = configuration.Kafka is null ? "kafka" : "dead-letters" };

    private static KafkaSourceOptions Source(SyncConfiguration configuration, KafkaSourceConfiguration from) =>
        new() { Client = from.Client, Start = from.Start, OnLostRecords = from.LostRecords, GiveUpAfter = configuration.GiveUpAfter };
}
