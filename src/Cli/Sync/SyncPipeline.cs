using Npgsql;
using Pathway.Checkpointing;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;
using PostgresSource = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Cli;

/// <summary>A sync's configuration as a pipeline: the changes of a database, in Debezium's form, into Kafka.</summary>
internal sealed class SyncPipeline
{
    private readonly SyncConfiguration _configuration;

    public SyncPipeline(SyncConfiguration configuration)
    {
        _configuration = configuration;
        Postgres = new PostgresOptions
        {
            Connection = configuration.Postgres.Connection.Value, Name = configuration.Name, Slot = configuration.Postgres.Slot, Publication = configuration.Postgres.Publication,
            InitialLoad = configuration.Postgres.InitialLoad, GiveUpAfter = configuration.GiveUpAfter,
        };
        Kafka = new KafkaOptions
        {
            Client = configuration.Kafka.Client, Partitions = configuration.Kafka.Partitions, Limits = configuration.Kafka.Transaction,
            Topics = configuration.Kafka.CreateTopics ? TopicCreation.Create : TopicCreation.MustExist,
        };
    }

    /// <summary>The database.</summary>
    public PostgresOptions Postgres { get; }

    /// <summary>The cluster.</summary>
    public KafkaOptions Kafka { get; }

    /// <summary>The pipeline, ready to run.</summary>
    public Pipeline Build(bool acceptPlan, bool adoptMarker, TimeProvider time)
    {
        var pipeline = Pipeline.Create(_configuration.Name, options => options with
        {
            StateDirectory = _configuration.State, CommitEvery = _configuration.CommitEvery, AcceptPlan = acceptPlan, AdoptMarker = adoptMarker,
            Retry = new RetryPolicy { GiveUpAfter = _configuration.GiveUpAfter },
        });
        var formatter = new DebeziumJsonFormatter(
            new DebeziumOptions
            {
                TopicPrefix = _configuration.Kafka.TopicPrefix, Database = new NpgsqlConnectionStringBuilder(Postgres.Connection).Database ?? "", Schemas = _configuration.Kafka.Schemas,
                Compatibility = _configuration.Kafka.ExactCompatibility ? Compatibility.Exact : Compatibility.Right,
            },
            time);
        pipeline.Stream(PostgresSource.Changes(_configuration.Postgres.Tables, Postgres)).To(Connectors.Kafka.Kafka.Stream(formatter, Kafka, $"topics {_configuration.Kafka.TopicPrefix}.*, Debezium JSON"));
        return pipeline;
    }

    /// <summary>Everything that would keep the sync from starting, each a sentence; changes nothing.</summary>
    public async Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken stop) =>
    [
        .. await PostgresCheck.FindProblemsAsync(Postgres, _configuration.Postgres.Tables, stop),
        .. await KafkaCheck.FindProblemsAsync(Kafka, _configuration.Name, [], stop),
    ];
}
