using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>Makes the file of a sync from the configuration of a Debezium connector, with a comment on all that differs or isn't taken over.</summary>
internal sealed class DebeziumMigration
{
    private const string Avro = "Avro", Json = "JsonConverter";

    private readonly ConnectorFile _connector;
    private readonly SyncFileWriter _file = new();
    private readonly HashSet<string> _used = new(StringComparer.Ordinal) { "name", "connector.class" };

    private DebeziumMigration(ConnectorFile connector) => _connector = connector;

    private bool IsAvro => Peek("value.converter")?.Contains(Avro, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The text of the file.</summary>
    /// <param name="connector">The connector's configuration.</param>
    /// <param name="from">What to call it.</param>
    public static string Write(ConnectorFile connector, string from) => new DebeziumMigration(connector).Write(from);

    private string Write(string from)
    {
        var prefix = Take("topic.prefix") ?? Take("database.server.name")!;
        _file.Comment($"Made from {from} by pathway sync --from-debezium. Comments that begin with DIFFERS tell what is another way here, those with LEFT OUT what isn't taken over. `pathway sync --check` tests it.");
        _file.Value("name", Safe(_connector.Name ?? prefix));
        _file.Space();
        WriteSource();
        WriteTarget(prefix);
        WriteForm();
        WriteRest();
        return _file.ToString();
    }

    private void WriteSource()
    {
        _file.Begin("from");
        _file.Begin("postgres");
        if (Take("database.password") is not null) _file.Comment("DIFFERS: the password isn't copied; it is taken from the environment.");
        var parts = new List<string> { $"Host={Take("database.hostname") ?? "localhost"}", $"Port={Take("database.port") ?? "5432"}", $"Database={Take("database.dbname") ?? "postgres"}", $"Username={Take("database.user") ?? "postgres"}", "Password=${PGPASSWORD}" };
        if (SslMode(Take("database.sslmode")) is { } ssl) parts.Add($"SSL Mode={ssl}");
        _file.Value("connection", string.Join(';', parts));
        WriteTables();
        if (Take("slot.name") is { } slot) _file.Comment($"DIFFERS: a slot of its own is made; Debezium's slot '{slot}' stays until you drop it. Where Debezium stands isn't taken over: stop it, then start this; rows that changed in between come with the initial load.");
        if (Take("publication.name") is { } publication) _file.Comment($"DIFFERS: a publication of its own is made; '{publication}' stays. To use it, write publication: {publication}.");
        WriteInitialLoad();
        _file.End();
        _file.End();
        _file.Space();
    }

    private void WriteTables()
    {
        var tables = TablePatterns.From(Peek("table.include.list"), Peek("schema.include.list"), out var isWider);
        if (isWider) _file.Comment("DIFFERS: patterns know * alone, so that these are wider than the connector's lists; the lists under debezium: leave out what is too much. Name the tables to read less.");
        _file.List("tables", tables);
    }

    private void WriteInitialLoad()
    {
        var mode = Take("snapshot.mode") ?? "initial";
        if (mode is "initial") return;
        if (mode is "never" or "no_data" or "schema_only")
        {
            _file.Value("initial-load", "false");
            return;
        }

        _file.Comment($"DIFFERS: snapshot.mode is {mode}; here the rows that are there are loaded once, at the first start.");
    }

    private void WriteTarget(string prefix)
    {
        var (key, value) = (Take("key.converter"), Take("value.converter"));
        var isAvro = IsAvro;
        _file.Begin("to");
        _file.Begin("kafka");
        _file.Value("topic-prefix", prefix);
        if (value is null) _file.Comment("DIFFERS: the connector leaves the form to the worker (value.converter). Assumed is JSON with schemas, Kafka Connect's default.");
        else if (!isAvro && !value.Contains(Json, StringComparison.Ordinal)) _file.Comment($"DIFFERS: value.converter is {value}, which there is nothing for; JSON is written instead.");
        if (key is not null && key != value) _file.Comment($"DIFFERS: key.converter is {key}; here keys have the form of values.");
        _file.Value("format", isAvro ? "debezium-avro" : "debezium-json");
        if (!isAvro) _file.Value("schemas", (Take("value.converter.schemas.enable") ?? "true").ToLowerInvariant());
        _file.Comment("The very bytes of Debezium. Without this line values that it loses or garbles are kept (docs/DEBEZIUM.md has the list).");
        _file.Value("compatibility", "exact");
        _file.Comment("DIFFERS: where Kafka is stands in the worker's configuration, not in the connector's.");
        _file.Begin("client");
        _file.Value("bootstrap.servers", "${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}");
        _file.End();
        _file.End();
        _file.End();
        if (isAvro) WriteRegistry(value!);
    }

    private void WriteRegistry(string converter)
    {
        var url = Take("value.converter.schema.registry.url") ?? Take("value.converter.apicurio.registry.url");
        _file.Space();
        _file.Begin("registry");
        if (!converter.Contains("io.confluent", StringComparison.Ordinal)) _file.Comment($"DIFFERS: {converter} is another converter than Confluent's. Here schemas are those of Confluent's; Apicurio takes them under …/apis/ccompat/v7.");
        if (url is null) _file.Comment("DIFFERS: the worker's configuration has the address.");
        _file.Value("url", url ?? "${SCHEMA_REGISTRY_URL:-http://localhost:8081}");
        if (Strategy() is { } subjects) _file.Value("subjects", subjects);
        if (Take("value.converter.auto.register.schemas") == "false") _file.Value("register", "false");
        if (Take("value.converter.basic.auth.user.info") is not null)
        {
            _file.Comment("DIFFERS: user and password aren't copied; they are taken from the environment.");
            _file.Begin("client");
            _file.Value("schema.registry.basic.auth.user.info", "${SCHEMA_REGISTRY_USER_INFO}");
            _file.End();
        }

        _file.End();
    }

    private string? Strategy() => Take("value.converter.value.subject.name.strategy") switch
    {
        { } name when name.EndsWith("TopicRecordNameStrategy", StringComparison.Ordinal) => "topic-record",
        { } name when name.EndsWith(".RecordNameStrategy", StringComparison.Ordinal) => "record",
        _ => null,
    };

    private void WriteForm()
    {
        _file.Space();
        _file.Begin("debezium");
        if (Peek("message.prefix.include.list") is null && Peek("message.prefix.exclude.list") is null) _file.Value("message.prefix.include.list", ".*");
        if (!IsAvro && Take("value.converter.decimal.format") is { } decimals) _file.Value("decimal.format", decimals);
        var read = new DebeziumConfiguration(new DebeziumOptions { TopicPrefix = "", Database = "" }, StreamKinds.None, TimeSpan.Zero, []);
        foreach (var (name, value) in _connector.Settings)
        {
            if (_used.Contains(name) || !IsOfForm(name)) continue;
            try
            {
                read = DebeziumSection.Read(read, name, value);
                _used.Add(name);
                _file.Value(name, value);
            }
            catch (ConfigurationException exception)
            {
                _used.Add(name);
                _file.Comment($"LEFT OUT: {name}: {exception.Message.Split(". Known:")[0]}");
            }
        }

        _file.End();
    }

    private void WriteRest()
    {
        var rest = _connector.Settings.Keys.Where(name => !_used.Contains(name)).ToList();
        if (rest.Count == 0) return;
        _file.Space();
        foreach (var name in rest) _file.Comment($"LEFT OUT: {name}: {ConnectorSettings.WhyNot(name) ?? "nothing is known of it"}.");
    }

    private static bool IsOfForm(string name) => DebeziumSettings.Knows(name) || name is "heartbeat.interval.ms" or "transforms" || name.StartsWith("transforms.", StringComparison.Ordinal);

    private string? Peek(string name) => _connector.Settings.GetValueOrDefault(name);

    private string? Take(string name)
    {
        _used.Add(name);
        return Peek(name);
    }

    private static string? SslMode(string? mode) => mode switch { null => null, "disable" => "Disable", "allow" => "Allow", "prefer" => "Prefer", "require" => "Require", "verify-ca" => "VerifyCA", "verify-full" => "VerifyFull", _ => null };

    private static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
}
