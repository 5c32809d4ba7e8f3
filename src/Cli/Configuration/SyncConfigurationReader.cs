using System.Globalization;
using System.Net;
using Pathway.Connectors.Debezium;
using Pathway.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pathway.Cli;

/// <summary>Reads <c>sync.yaml</c>.</summary>
internal sealed class SyncConfigurationReader
{
    private static readonly string[] RootKeys = ["name", "state", "commit-every", "memory", "http", "give-up-after", "snapshots", "from", "to", "registry", "debezium", "tables", "mask-salt"];
    private static readonly string[] PostgresKeys = ["connection", "tables", "slot", "publication", "initial-load", "load", "before", "wal"];
    private static readonly string[] LoadKeys = ["parallel", "rate"];
    private static readonly string[] WalKeys = ["heartbeat", "warn-below", "warn-above"];
    private static readonly string[] KafkaKeys = ["topic-prefix", "topics", "partitions", "format", "schemas", "compatibility", "dead-letters", "transaction", "client"];
    private static readonly string[] PostgresTargetKeys = ["connection", "schema", "tables", "names", "progress-schema", "dead-letters", "transaction"];
    private static readonly string[] RegistryKeys = ["url", "subjects", "register", "client"];
    private static readonly string[] TransactionKeys = ["rows", "bytes", "time"];

    private readonly string _file;
    private readonly ConfigurationErrors _errors;
    private readonly Substitution _substitution;

    private SyncConfigurationReader(string file, Substitution substitution) =>
        (_file, _errors, _substitution) = (file, new ConfigurationErrors(file), substitution);

    /// <summary>Reads the file.</summary>
    /// <exception cref="ConfigurationException">Everything that is wrong in it, a line each: file, line, column and what is known.</exception>
    public static SyncConfiguration Read(string file, Substitution substitution)
    {
        try
        {
            return Parse(file, File.ReadAllText(file), substitution);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration file '{file}' can't be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="ConfigurationException">Everything that is wrong in it.</exception>
    public static SyncConfiguration Parse(string file, string text, Substitution substitution) => new SyncConfigurationReader(file, substitution).Parse(text);

    private SyncConfiguration Parse(string text)
    {
        var configuration = Load(text) is { } node && YamlSection.Root(node, _substitution, _errors, RootKeys) is { } root ? ReadRoot(root) : null;
        _errors.ThrowIfAny();
        Check.That(configuration is not null);
        return configuration;
    }

    private YamlNode? Load(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1) return stream.Documents[0].RootNode;
            _errors.Add(stream.Documents.Count == 0 ? new Mark(0, 1, 1) : stream.Documents[1].RootNode.Start, stream.Documents.Count == 0
                ? $"the file is empty; it must hold keys and values: {string.Join(", ", RootKeys)}."
                : "a second document begins here; the file must hold one.");
        }
        catch (YamlException failure)
        {
            _errors.Add(failure.Start, $"this is no YAML: {failure.Message}");
        }

        return null;
    }

    private SyncConfiguration? ReadRoot(YamlSection root)
    {
        var name = root.RequiredText("name", "what the pipeline is called, such as name: shop-sync.", Names.PipelineProblem);
        var from = root.Section("from", ["postgres", "kafka"], "what is read: from: { postgres: { … } } or from: { kafka: { … } }.");
        var topics = KafkaSourceConfiguration.Read(from);
        var postgres = from is not null && !from.HasKey("kafka") ? from.Section("postgres", PostgresKeys, "where to read: connection and tables; or 'kafka': topics and client.") : null;
        if (topics is not null && from!.HasKey("postgres")) from.Fault("postgres", "stands beside kafka; a sync has one source. Write a file of its own for each.");
        var to = root.Section("to", ["kafka", "postgres"], "where it goes: to: { kafka: { … } } or to: { postgres: { … } }.");
        var target = to?.Section("postgres", PostgresTargetKeys);
        var kafka = target is null ? to?.Section("kafka", KafkaKeys, "where to write: topic-prefix and client; or 'postgres': connection.") : to!.Section("kafka", KafkaKeys);
        if (target is not null && kafka is not null) to!.Fault("kafka", "stands beside postgres; a sync has one target. Write a file of its own for each.");
        var configuration = new SyncConfiguration
        {
            File = _file,
            Name = name,
            State = Path.GetFullPath(root.Text("state", "./state", _ => null), Path.GetDirectoryName(Path.GetFullPath(_file))!),
            CommitEvery = root.Optional("commit-every", TimeSpan.FromMilliseconds(100), Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)), $"{Quantity.DurationForm}, from 1ms to 1m"),
            Memory = root.Optional<long?>("memory", null, Quantity.TryMemory, Quantity.MemoryForm),
            Http = root.Optional<EndPoint?>("http", null, Quantity.TryAddress!, Quantity.AddressForm),
            GiveUpAfter = root.Optional<TimeSpan?>("give-up-after", null, TryGiveUpAfter, $"{Quantity.DurationForm}, or never"),
            Snapshots = SnapshotConfiguration.Read(root, Path.GetDirectoryName(Path.GetFullPath(_file))!),
            Postgres = postgres is null ? null! : ReadPostgres(postgres, name),
            FromKafka = topics,
            Kafka = kafka is null ? null : ReadKafka(kafka),
            Target = target is null ? null : ReadTarget(target),
            Registry = root.Section("registry", RegistryKeys) is { } registry ? ReadRegistry(registry) : null,
            Debezium = DebeziumSection.Read(root),
            Rules = TableRulesSection.Read(root),
        };
        if (configuration.Postgres is { InitialLoad: true, Remembered: { } remembered })
            configuration = configuration with { Rules = [.. configuration.Rules.Select(r => r with { RowsAreRemembered = remembered.Contains("*") || remembered.Contains(r.Table) })] };
        if (topics is not null && configuration.Kafka is { Plain: false }) kafka!.Fault("format", "has to be json behind from.kafka: rows that were read from topics are written as plain JSON, or to to.postgres.");
        if (topics is { Avro: true } && configuration.Registry is null) root.Fault("registry", "is missing: with format debezium-avro schemas are read there, such as registry: { url: http://localhost:8081 }.");
        if (target is not null && configuration.Registry is not null && topics is not { Avro: true }) root.Fault("registry", "is for to.kafka with format debezium-avro; rows for Postgres have no schemas of their own. Leave it out.");
        if (target is not null && configuration.Debezium.Settings.Count > 0) root.Fault("debezium", "is for to.kafka; rows for Postgres have no Debezium form. Leave it out.");
        if (configuration.Kafka is { Avro: true } && configuration.Registry is null)
            root.Fault("registry", "is missing: with format debezium-avro schemas are registered there, such as registry: { url: http://localhost:8081 }.");
        if (configuration.Kafka is { Avro: true, Schemas: true }) kafka!.Fault("schemas", "is for format debezium-json; the schemas of debezium-avro are in the registry.");
        if (configuration.Kafka is { Plain: true }) CheckPlain(root, kafka!, configuration);
        return configuration;
    }

    // What belongs to Debezium's form means nothing for plain rows.
    private static void CheckPlain(YamlSection root, YamlSection kafka, SyncConfiguration configuration)
    {
        if (configuration.Kafka!.Schemas) kafka.Fault("schemas", "is for format debezium-json; plain rows have no schemas.");
        if (configuration.Kafka.ExactCompatibility) kafka.Fault("compatibility", "is for Debezium's form; plain rows have none.");
        if (configuration.Registry is not null) root.Fault("registry", "is for format debezium-avro; plain rows have no schemas. Leave it out.");
        if (configuration.Debezium.Settings.Count > 0) root.Fault("debezium", "is for formats debezium-json and debezium-avro; plain rows have no Debezium form. Leave it out.");
    }

    private static PostgresConfiguration ReadPostgres(YamlSection postgres, string name)
    {
        var (load, wal) = (postgres.Section("load", LoadKeys), postgres.Section("wal", WalKeys));
        return ReadDatabase(postgres, name) with
        {
            LoadParallel = load?.Optional("parallel", 2, TryParallel, "a whole number from 1 to 32") ?? 2,
            WalHeartbeat = wal?.Optional<TimeSpan?>("heartbeat", null, TryHeartbeat, $"{Quantity.DurationForm}, from 1s on"),
            WarnBelow = wal?.Optional("warn-below", 1L << 30, Quantity.TrySize, Quantity.SizeForm) ?? 1L << 30,
            WarnAbove = wal?.Optional("warn-above", 10L << 30, Quantity.TrySize, Quantity.SizeForm) ?? 10L << 30,
            LoadRate = load?.Optional<long?>("rate", null, TryRate, "rows a second, a whole number from 1 on"),
        };
    }

    private static PostgresConfiguration ReadDatabase(YamlSection postgres, string name) => new()
    {
        Connection = new Secret(postgres.RequiredText("connection", "how to reach the server, in Npgsql's words: Host=localhost;Port=5432;Database=shop;Username=sync;Password=${PGPASSWORD}.", ConnectionText.Problem)),
        Tables = postgres.RequiredList("tables", "which tables to read, such as tables: [public.customers, \"public.order_*\"].", "[public.customers, \"public.order_*\"]", Names.TableProblem),
        Slot = postgres.Text("slot", Names.ForPostgres(name), Names.SlotProblem),
        Publication = postgres.Text("publication", Names.ForPostgres(name), Names.PublicationProblem),
        InitialLoad = postgres.Flag("initial-load", true),
        Remembered = postgres.HasKeys("before")
            ? postgres.Section("before", ["state"])!.RequiredList("state", "the tables whose old rows are taken from the state, such as state: [public.orders].", "[public.orders]", Names.TableProblem)
            : postgres.Choice<IReadOnlyList<string>>("before", [], ("placeholder", []), ("state", ["*"])),
    };

    private static RegistryConfiguration ReadRegistry(YamlSection registry) => new()
    {
        Url = registry.RequiredText("url", "where the schema registry is, such as url: http://localhost:8081.", Names.UrlProblem),
        Subjects = registry.Choice("subjects", SubjectNames.Topic, ("topic", SubjectNames.Topic), ("record", SubjectNames.Record), ("topic-record", SubjectNames.TopicRecord)),
        Register = registry.Flag("register", true),
        Client = registry.OptionalMap("client", Names.RegistryClientProblem),
    };

    private static KafkaConfiguration ReadKafka(YamlSection kafka)
    {
        var client = kafka.RequiredMap("client", "settings of librdkafka, at least client: { bootstrap.servers: localhost:9092 }.", Names.ClientProblem);
        if (!client.ContainsKey("bootstrap.servers") && client.Count > 0) kafka.Fault("client", "lacks 'bootstrap.servers': where Kafka is, such as localhost:9092.");
        return new KafkaConfiguration
        {
            TopicPrefix = kafka.RequiredText("topic-prefix", "the first part of every topic's name, such as topic-prefix: shop.", Names.TopicPrefixProblem),
            CreateTopics = kafka.Choice("topics", true, ("create", true), ("must-exist", false)),
            Partitions = kafka.Optional("partitions", 3, TryPartitions, "a whole number from 1 to 10000"),
            Format = kafka.Choice("format", RecordFormat.DebeziumJson, ("debezium-json", RecordFormat.DebeziumJson), ("debezium-avro", RecordFormat.DebeziumAvro), ("json", RecordFormat.Json)),
            Schemas = kafka.Flag("schemas", false),
            ExactCompatibility = kafka.Choice("compatibility", false, ("right", false), ("exact", true)),
            DeadLetters = kafka.HasKey("dead-letters") ? kafka.Text("dead-letters", "", Names.TopicProblem) : null,
            Transaction = kafka.Section("transaction", TransactionKeys) is { } transaction ? ReadTransaction(transaction) : new TransactionLimits(),
            Client = client,
        };
    }

    private static PostgresTargetConfiguration ReadTarget(YamlSection target) => new()
    {
        Connection = new Secret(target.RequiredText("connection", "how to reach the server, in Npgsql's words: Host=localhost;Port=5432;Database=copy;Username=sync;Password=${PGPASSWORD}.", ConnectionText.Problem)),
        Schema = target.Text("schema", "", Names.SchemaProblem) is { Length: > 0 } schema ? schema : null,
        CreateTables = target.Choice("tables", false, ("create", true), ("must-exist", false)),
        Names = target.TextMap("names", Names.TableProblem, Names.TableProblem, "{ public.orders: archive.orders }"),
        ProgressSchema = target.Text("progress-schema", "pathway", Names.SchemaProblem),
        DeadLetters = target.HasKey("dead-letters") ? target.Text("dead-letters", "", Names.TableProblem) : null,
        Transaction = target.Section("transaction", TransactionKeys) is { } transaction ? ReadTransaction(transaction) : new TransactionLimits(),
    };

    private static TransactionLimits ReadTransaction(YamlSection transaction)
    {
        var defaults = new TransactionLimits();
        return new TransactionLimits(
            transaction.Optional("rows", defaults.Rows, TryRows, "a whole number from 1 on"),
            transaction.Optional("bytes", defaults.Bytes, TryTransactionSize, $"{Quantity.SizeForm}, from 1KB on"),
            transaction.Optional("time", defaults.TimeOrDefault, Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(15)), $"{Quantity.DurationForm}, from 100ms to 15m"));
    }

    private static ValueReader<TimeSpan> Between(TimeSpan least, TimeSpan most) =>
        (string text, out TimeSpan value) => Quantity.TryDuration(text, out value) && value >= least && value <= most;

    private static bool TryGiveUpAfter(string text, out TimeSpan? value)
    {
        value = null;
        if (text == "never") return true;
        if (!Quantity.TryDuration(text, out var duration) || duration <= TimeSpan.Zero) return false;
        value = duration;
        return true;
    }

    private static bool TryParallel(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= 32;

    private static bool TryHeartbeat(string text, out TimeSpan? value)
    {
        value = Quantity.TryDuration(text, out var duration) && duration >= TimeSpan.FromSeconds(1) ? duration : null;
        return value is not null;
    }

    private static bool TryRate(string text, out long? value)
    {
        value = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate >= 1 ? rate : null;
        return value is not null;
    }

    private static bool TryPartitions(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= 10_000;

    private static bool TryRows(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1;

    private static bool TryTransactionSize(string text, out long value) => Quantity.TrySize(text, out value) && value >= 1024;
}
