using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;

namespace Pathway.Cli;

/// <summary>The route from topics of change events to the tables of a database.</summary>
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
        pipeline.Stream(Kafka.Source(from.Topics, options, DebeziumParsers.Changes(new DebeziumReadOptions { Unwrapped = from.Unwrapped, Schemas = schemas, SkipUpdatesWithoutDocument = from.SkipUpdatesWithoutDocument }))).To(sink);
        if (from.DeadLetters is { } topic) pipeline.Stream(Kafka.DeadLetters(options)).To(Kafka.DeadLetterTopic(topic, new KafkaOptions { Client = from.Client }));
    }

    /// <summary>Where the schemas of Avro records are; null where records aren't Avro.</summary>
    /// <param name="configuration">What the sync does.</param>
    /// <param name="waiting">Told why nothing goes on, and with null that it does again.</param>
    /// <param name="stop">Ends the waiting.</param>
    public static ConfluentSchemaSource? Schemas(SyncConfiguration configuration, Action<string?> waiting, CancellationToken stop) => configuration.FromKafka is { Avro: true } && configuration.Registry is { } registry
        ? new ConfluentSchemaSource(new SchemaRegistryOptions { Url = registry.Url, Client = registry.Client, GiveUpAfter = configuration.GiveUpAfter, Waiting = waiting, Stop = stop }, TimeProvider.System)
        : null;

    /// <summary>What would keep a sync from reading, as sentences; empty if nothing would.</summary>
    public static Task<IReadOnlyList<string>> FindProblemsAsync(SyncConfiguration configuration, KafkaSourceConfiguration from, CancellationToken stop) =>
        KafkaCheck.FindProblemsOfSourceAsync(Source(configuration, from), configuration.Name, from.Topics, stop);

    private static KafkaSourceOptions Source(SyncConfiguration configuration, KafkaSourceConfiguration from) =>
        new() { Client = from.Client, Start = from.Start, OnLostRecords = from.LostRecords, GiveUpAfter = configuration.GiveUpAfter };
}
