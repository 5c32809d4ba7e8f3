using System.Globalization;
using Pathway.Connectors.Kafka;

namespace Pathway.Cli;

/// <summary>The section <c>from.kafka</c>: topics of change events, or of rows.</summary>
internal sealed record KafkaSourceConfiguration
{
    private static readonly string[] Keys = ["topics", "format", "key", "unwrapped", "start", "lost-records", "updates-without-document", "dead-letters", "client"];

    /// <summary>The topics.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>What records are. Default: <c>debezium-json</c>, with schemas.</summary>
    public RecordFormat Format { get; init; }

    /// <summary>Whether records are Avro (<c>format: debezium-avro</c>).</summary>
    public bool Avro => Format == RecordFormat.DebeziumAvro;

    /// <summary>Whether records are plain JSON (<c>format: json</c>).</summary>
    public bool Plain => Format == RecordFormat.Json;

    /// <summary>The columns of the key of plain JSON; empty, the default, for those of the records' keys.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Whether records of Debezium's form are rows without envelope (<c>true</c>), or Mongo's documents without one (<c>documents</c>). Default: false.</summary>
    public bool Unwrapped { get; init; }

    /// <summary>Whether rows without envelope are Mongo's documents.</summary>
    public bool Documents { get; init; }

    /// <summary>Where a topic that is read for the first time begins. Default: <c>earliest</c>.</summary>
    public KafkaStart Start { get; init; }

    /// <summary>What happens with records that the broker deleted before they were read. Default: <c>refuse</c>.</summary>
    public LostRecords LostRecords { get; init; }

    /// <summary>Whether updates of Mongo's documents that come without the document are left out (<c>updates-without-document: skip</c>); their deletes follow. Default: they can't be read (<c>refuse</c>).</summary>
    public bool SkipUpdatesWithoutDocument { get; init; }

    /// <summary>The topic, in the same cluster, for records that can't be read; null, the default: they stop the sync.</summary>
    public string? DeadLetters { get; init; }

    /// <summary>Settings of librdkafka; they may hold secrets.</summary>
    public required IReadOnlyDictionary<string, string> Client { get; init; }

    /// <summary>Reads the section; null where it isn't there.</summary>
    public static KafkaSourceConfiguration? Read(YamlSection? from)
    {
        if (from is null || !from.HasKey("kafka") || from.Section("kafka", Keys) is not { } kafka) return null;
        var client = kafka.RequiredMap("client", "settings of librdkafka, at least client: { bootstrap.servers: localhost:9092 }.", Names.ClientProblem);
        if (!client.ContainsKey("bootstrap.servers") && client.Count > 0) kafka.Fault("client", "lacks 'bootstrap.servers': where Kafka is, such as localhost:9092.");
        var format = kafka.Choice("format", RecordFormat.DebeziumJson, ("debezium-json", RecordFormat.DebeziumJson), ("debezium-avro", RecordFormat.DebeziumAvro), ("json", RecordFormat.Json));
        var isPlain = format == RecordFormat.Json;
        if (kafka.HasKey("key") && !isPlain) kafka.Fault("key", "is for format json; records of Debezium's form have the key that they say. Leave it out.");
        if (isPlain)
            foreach (var key in (string[])["unwrapped", "updates-without-document"])
                if (kafka.HasKey(key)) kafka.Fault(key, "is for Debezium's form; plain JSON has none. Leave it out.");
        var (unwrapped, documents) = kafka.Choice("unwrapped", (false, false), ("false", (false, false)), ("true", (true, false)), ("documents", (true, true)));
        return new KafkaSourceConfiguration
        {
            Topics = kafka.RequiredList("topics", "which topics to read, such as topics: [shop.public.customers, shop.public.orders].", "[shop.public.customers, shop.public.orders]", Names.TopicProblem),
            Format = format,
            Key = kafka.HasKey("key") ? kafka.RequiredList("key", "the columns of the key, such as key: [id].", "[id]", _ => null) : [],
            Unwrapped = unwrapped,
            Documents = documents,
            Start = kafka.Optional("start", KafkaStart.Earliest, TryStart, "earliest, latest, or a time such as 2026-01-31T12:00:00Z"),
            LostRecords = kafka.Choice("lost-records", LostRecords.Refuse, ("refuse", LostRecords.Refuse), ("skip", LostRecords.Skip)),
            SkipUpdatesWithoutDocument = kafka.Choice("updates-without-document", false, ("refuse", false), ("skip", true)),
            DeadLetters = kafka.HasKey("dead-letters") ? kafka.Text("dead-letters", "", Names.TopicProblem) : null,
            Client = client,
        };
    }

    private static bool TryStart(string text, out KafkaStart start)
    {
        start = text == "latest" ? KafkaStart.Latest : KafkaStart.Earliest;
        if (text is "earliest" or "latest") return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return false;
        start = KafkaStart.At(time);
        return true;
    }
}
