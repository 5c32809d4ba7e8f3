using System.Net;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>What <c>sync.yaml</c> says, checked. Immutable.</summary>
internal sealed record SyncConfiguration
{
    /// <summary>The file it was read from.</summary>
    public required string File { get; init; }

    /// <summary>The pipeline's name: the progress topic, transactional ids and markers carry it.</summary>
    public required string Name { get; init; }

    /// <summary>The state directory, as an absolute path; in the file relative to the file's own folder. Default: <c>./state</c>.</summary>
    public required string State { get; init; }

    /// <summary>The longest time between two commits while input flows. Default: 100 ms.</summary>
    public TimeSpan CommitEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Memory that the process should stay within; null: half of what the machine or container has.</summary>
    public long? Memory { get; init; }

    /// <summary>Where the health endpoint listens; null: nowhere.</summary>
    public EndPoint? Http { get; init; }

    /// <summary>How long a server may stay away before the sync gives up; null: for ever.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>Snapshots of the state that it makes by itself; null: none.</summary>
    public SnapshotConfiguration? Snapshots { get; init; }

    /// <summary>The database that is read; null where topics are.</summary>
    public required PostgresConfiguration Postgres { get; init; }

    /// <summary>The topics that are read; null where a database is.</summary>
    public KafkaSourceConfiguration? FromKafka { get; init; }

    /// <summary>The Kafka cluster where it goes; null where it goes to Postgres.</summary>
    public KafkaConfiguration? Kafka { get; init; }

    /// <summary>The database where it goes; null where it goes to Kafka.</summary>
    public PostgresTargetConfiguration? Target { get; init; }

    /// <summary>Where Avro schemas are registered; null where records aren't Avro.</summary>
    public RegistryConfiguration? Registry { get; init; }

    /// <summary>The form of events.</summary>
    public required DebeziumConfiguration Debezium { get; init; }

    /// <summary>What is carried of some tables; of others everything.</summary>
    public IReadOnlyList<TableRules> Rules { get; init; } = [];
}

/// <summary>The section <c>from.postgres</c>.</summary>
internal sealed record PostgresConfiguration
{
    /// <summary>Npgsql's connection string.</summary>
    public required Secret Connection { get; init; }

    /// <summary>Tables and patterns, "schema.table" with * for any characters.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>The replication slot. Default: made from the name.</summary>
    public required string Slot { get; init; }

    /// <summary>The publication. Default: made from the name.</summary>
    public required string Publication { get; init; }

    /// <summary>How often a heartbeat is written into the WAL (<c>wal.heartbeat</c>); null: never.</summary>
    public TimeSpan? WalHeartbeat { get; init; }

    /// <summary>The log warns when the server has less than this left before it gives the slot up (<c>wal.warn-below</c>). Default: 1 GB.</summary>
    public long WarnBelow { get; init; } = 1L << 30;

    /// <summary>The log warns when the server keeps more than this for the slot (<c>wal.warn-above</c>). Default: 10 GB.</summary>
    public long WarnAbove { get; init; } = 10L << 30;

    /// <summary>How many chunks are loaded at the same time (<c>load.parallel</c>). Default: 2.</summary>
    public int LoadParallel { get; init; } = 2;

    /// <summary>Rows a second that are loaded at most (<c>load.rate</c>); null: as fast as it goes.</summary>
    public long? LoadRate { get; init; }

    /// <summary>The tables whose rows are remembered, so that events have the whole old row and large values that weren't sent (<c>before: state</c>). Default: none (<c>placeholder</c>).</summary>
    public IReadOnlyList<string> Remembered { get; init; } = [];

    /// <summary>Whether the rows that are there already are read first. Default: true.</summary>
    public bool InitialLoad { get; init; } = true;
}

/// <summary>The section <c>to.kafka</c>.</summary>
internal sealed record KafkaConfiguration
{
    /// <summary>The first part of every topic's name.</summary>
    public required string TopicPrefix { get; init; }

    /// <summary>Whether topics that are absent are created (<c>topics: create</c>, the default) or refused (<c>must-exist</c>).</summary>
    public bool CreateTopics { get; init; } = true;

    /// <summary>Partitions of a topic that is created. Default: 3.</summary>
    public int Partitions { get; init; } = 3;

    /// <summary>The form of records (<c>format</c>). Default: <c>debezium-json</c>.</summary>
    public RecordFormat Format { get; init; }

    /// <summary>Whether records are Avro.</summary>
    public bool Avro => Format == RecordFormat.DebeziumAvro;

    /// <summary>Whether records are plain rows.</summary>
    public bool Plain => Format == RecordFormat.Json;

    /// <summary>Whether keys and values carry their schema, in JSON. Default: false.</summary>
    public bool Schemas { get; init; }

    /// <summary>As Debezium even where it garbles or drops values (<c>compatibility: exact</c>). Default: false (<c>right</c>).</summary>
    public bool ExactCompatibility { get; init; }

    /// <summary>The topic, in the same cluster, for records that are too large for theirs; null, the default: they stop the sync.</summary>
    public string? DeadLetters { get; init; }

    /// <summary>Limits of one Kafka transaction.</summary>
    public TransactionLimits Transaction { get; init; } = new();

    /// <summary>Settings of librdkafka; they may hold secrets.</summary>
    public required IReadOnlyDictionary<string, string> Client { get; init; }
}

/// <summary>The form of records in Kafka.</summary>
internal enum RecordFormat
{
    /// <summary>Debezium's events as JSON (<c>debezium-json</c>).</summary>
    DebeziumJson,

    /// <summary>Debezium's events as Avro (<c>debezium-avro</c>).</summary>
    DebeziumAvro,

    /// <summary>Plain rows as JSON (<c>json</c>).</summary>
    Json,
}

/// <summary>A text that must not be shown: its <see cref="ToString"/> doesn't.</summary>
/// <param name="value">The text.</param>
internal readonly struct Secret(string value)
{
    /// <summary>The text.</summary>
    public string Value { get; } = value;

    /// <inheritdoc/>
    public override string ToString() => "***";
}
