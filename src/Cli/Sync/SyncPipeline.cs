using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.S3;

namespace Pathway.Cli;

/// <summary>What a configuration means: the pipeline from Postgres or Kafka to Kafka or Postgres.</summary>
internal static class SyncPipeline
{
    /// <summary>Describes the pipeline; nothing is opened yet.</summary>
    /// <param name="configuration">What it does.</param>
    /// <param name="choices">What the command line says.</param>
    /// <param name="logger">For what people should know.</param>
    /// <param name="registry">Where Avro schemas are registered; null for JSON.</param>
    /// <param name="destinations">Tables of a Postgres target that are known beforehand (<see cref="FindDestinationsAsync"/>).</param>
    /// <param name="schemas">Where the schemas of Avro records that are read are; null for JSON.</param>
    /// <param name="commands">What can be asked of the source while it runs.</param>
    /// <exception cref="ConfigurationException">A setting that the connectors refuse.</exception>
    public static Pipeline Build(SyncConfiguration configuration, SyncChoices choices, ILogger logger, ISchemaRegistry? registry = null, IReadOnlyList<string>? destinations = null, ISchemaSource? schemas = null, PostgresCommands? commands = null)
    {
        var pipeline = Pipeline.Create(configuration.Name, options => options with
        {
            StateDirectory = configuration.State, CommitEvery = configuration.CommitEvery, MemoryBytes = configuration.Memory ?? options.MemoryBytes, AcceptPlan = choices.AcceptPlan, AdoptMarker = choices.AdoptMarker,
            Retry = options.Retry with { GiveUpAfter = configuration.GiveUpAfter },
            Snapshots = configuration.Snapshots is { } snapshots ? new SnapshotOptions { Store = ObjectStores.At(snapshots.Store), Every = snapshots.Every, Keep = snapshots.Keep } : null,
        });
        if (configuration.FromKafka is { } topics)
        {
            var rows = configuration.Target is { } database ? Postgres.Replica(TargetDatabase(database), Describe(database), ReplicaNames(configuration, database), destinations) : ToKafka(configuration, configuration.Kafka!, logger, null);
            KafkaRoute.Add(pipeline, configuration, topics, rows.Shaped(configuration.Rules), schemas);
            return pipeline;
        }

        var remembered = configuration.Postgres.Remembered;
        if (choices.LoadAgain && configuration.Postgres.Tables.FirstOrDefault(t => !remembered.Contains("*") && !remembered.Contains(t)) is { } forgotten)
            throw new ConfigurationException($"--load-again tells as deletes what is gone, and of '{forgotten}' nobody knows which rows there were: it isn't under from.postgres.before. Load it anew instead: another name or slot, an empty state directory.");
        var also = configuration.Debezium.Also | (remembered.Count > 0 ? StreamKinds.Loads : StreamKinds.None);
        var changes = pipeline.Stream(Postgres.Changes(configuration.Postgres.Tables, Source(configuration) with { Commands = commands, LoadAgain = choices.LoadAgain }, also));
        if (remembered.Count > 0) changes = changes.Remember(() => new RowMemory(remembered) { TruncatesAsDeletes = configuration.Kafka is { Plain: true } }, $"rows of {string.Join(", ", remembered)}").Named("before");
        var sink = configuration.Target is { } target ? Postgres.Replica(TargetDatabase(target), Describe(target), ReplicaNames(configuration, target), destinations) : ToKafka(configuration, configuration.Kafka!, logger, registry);
        changes.To(sink.Shaped(configuration.Rules));
        return pipeline;
    }

    private static StreamSink<ChangeEvent> ToKafka(SyncConfiguration configuration, KafkaConfiguration kafka, ILogger logger, ISchemaRegistry? registry)
    {
        if (kafka.Plain) return Kafka.Stream(new PlainJsonFormatter(kafka.TopicPrefix, logger.RowsStayInTopic), Target(configuration), Describe(configuration), kafka.CreateTopics || configuration.FromKafka is not null ? [] : KnownTopics(configuration));
        var form = Debezium(configuration, new LostValues(logger));
        DebeziumFormatter formatter = registry is null ? new DebeziumJsonFormatter(form, TimeProvider.System) : new DebeziumAvroFormatter(form, registry, TimeProvider.System);
        return Kafka.Stream(formatter, Target(configuration), Describe(configuration), kafka.CreateTopics ? [] : KnownTopics(configuration));
    }

    /// <summary>The tables of a Postgres target, with what is carried of them: made or checked before anything is read; none where the source can't be asked now: then at their first row.</summary>
    public static async Task<IReadOnlyList<string>> FindDestinationsAsync(SyncConfiguration configuration, CancellationToken stop)
    {
        // What tables topics tell of is known with their first records.
        if (configuration.FromKafka is not null) return [];
        // Rules that don't fit would stop the pipeline at the first row.
        var problems = await PostgresCheck.FindProblemsOfRulesAsync(Source(configuration), configuration.Postgres.Tables, configuration.Rules, stop);
        if (problems.Count > 0) throw new ConfigurationException($"The rules for tables in {configuration.File} don't fit the database:{string.Concat(problems.Select(p => Environment.NewLine + "  - " + p))}");
        if (configuration.Target is not { } target) return [];
        try
        {
            return await ReplicaCheck.DescribeAsync(Source(configuration), configuration.Postgres.Tables, ReplicaNames(configuration, target), stop);
        }
        catch (ConnectorException e) when (e.IsTransient)
        {
            return [];
        }
    }

    /// <summary>The registry's client; null where records aren't Avro.</summary>
    /// <param name="configuration">What the sync does.</param>
    /// <param name="waiting">Told why nothing goes on, and with null that it does again.</param>
    /// <param name="stop">Ends the waiting.</param>
    public static ConfluentSchemaRegistry? Registry(SyncConfiguration configuration, Action<string?> waiting, CancellationToken stop)
    {
        if (configuration.Kafka is not { Avro: true }) return null;
        var registry = configuration.Registry!;
        return new ConfluentSchemaRegistry(
            new SchemaRegistryOptions
            {
                Url = registry.Url, Client = registry.Client, Subjects = registry.Subjects, Register = registry.Register, GiveUpAfter = configuration.GiveUpAfter, Waiting = waiting, Stop = stop,
            },
            TimeProvider.System);
    }

    /// <summary>The database.</summary>
    public static PostgresOptions Source(SyncConfiguration configuration) => new()
    {
        Connection = configuration.Postgres.Connection.Value, Name = configuration.Name, Slot = configuration.Postgres.Slot, Publication = configuration.Postgres.Publication,
        InitialLoad = configuration.Postgres.InitialLoad, LoadParallel = configuration.Postgres.LoadParallel, LoadRate = configuration.Postgres.LoadRate,
        WalHeartbeatEvery = configuration.Postgres.WalHeartbeat, WarnBelowSafeBytes = configuration.Postgres.WarnBelow, WarnAboveRetainedBytes = configuration.Postgres.WarnAbove, HeartbeatEvery = configuration.Debezium.HeartbeatEvery, GiveUpAfter = configuration.GiveUpAfter,
    };

    /// <summary>The cluster.</summary>
    public static KafkaOptions Target(SyncConfiguration configuration) => new()
    {
        Client = configuration.Kafka!.Client, Topics = configuration.Kafka.CreateTopics ? TopicCreation.Create : TopicCreation.MustExist,
        Partitions = configuration.Kafka.Partitions, DeadLetters = configuration.Kafka.DeadLetters, Limits = configuration.Kafka.Transaction,
    };

    /// <summary>The database that is written.</summary>
    public static PostgresTargetOptions TargetDatabase(PostgresTargetConfiguration target) => new()
    {
        Connection = target.Connection.Value, Tables = target.CreateTables ? TableCreation.Create : TableCreation.MustExist, ProgressSchema = target.ProgressSchema, DeadLetters = target.DeadLetters, Limits = target.Transaction,
    };

    /// <summary>What the tables are called there.</summary>
    public static ReplicaOptions ReplicaNames(SyncConfiguration configuration, PostgresTargetConfiguration target) => new() { Schema = target.Schema, Names = target.Names, Rules = configuration.Rules };

    /// <summary>The topics of tables that are named without a pattern. Those that must exist are looked for at start; those that may be created come with their first row, so that a misspelt table leaves no topic behind.</summary>
    public static IReadOnlyList<string> KnownTopics(SyncConfiguration configuration) =>
        [.. configuration.Postgres.Tables.Where(table => !table.Contains('*')).Select(table => Topic(configuration, table))];

    /// <summary>The topic of a table, "schema.name".</summary>
    public static string Topic(SyncConfiguration configuration, string table)
    {
        var dot = table.IndexOf('.');
        var named = new PgTable { Oid = 0, Schema = table[..dot], Name = table[(dot + 1)..], Columns = [], ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = [] };
        return new DebeziumJsonFormatter(Debezium(configuration, null), TimeProvider.System).Topic(named);
    }

    /// <summary>The form, for people and for the plan: events of another form are another plan.</summary>
    private static string Describe(SyncConfiguration configuration) =>
        $"topics {configuration.Kafka!.TopicPrefix}.* as {(configuration.Kafka.Plain ? "json" : configuration.Kafka.Avro ? "debezium-avro" : "debezium-json")}{(configuration.Kafka.Schemas ? " with schemas" : "")}{(configuration.Kafka.ExactCompatibility ? ", compatibility exact" : "")}{string.Concat(configuration.Debezium.Settings.Select(setting => ", " + setting))}";

    private static string Describe(PostgresTargetConfiguration target) =>
        $"the same tables{(target.Schema is null ? "" : $", in schema {target.Schema}")}{string.Concat(target.Names.Select(name => $", {name.Key} as {name.Value}"))}";

    private static DebeziumOptions Debezium(SyncConfiguration configuration, LostValues? lost) => configuration.Debezium.Options with
    {
        TopicPrefix = configuration.Kafka!.TopicPrefix, Database = new NpgsqlConnectionStringBuilder(configuration.Postgres.Connection.Value).Database!,
        Schemas = configuration.Kafka.Schemas, Compatibility = configuration.Kafka.ExactCompatibility ? Compatibility.Exact : Compatibility.Right, Lost = lost is null ? null : lost.Report,
    };
}
