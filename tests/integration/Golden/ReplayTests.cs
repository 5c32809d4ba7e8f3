using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pathway.Connectors.Debezium;
using Pathway.Tests.Integration.Servers;
using Pathway.Tests.Unit.Golden;

namespace Pathway.Tests.Integration.Golden;

/// <summary>The SQL of recorded scenarios, run on a real database, gives the records that the real Debezium made of it: through slot, initial load, engine, commit log and Kafka.</summary>
/// <remarks>Topics are compared one by one: between two of them Kafka has no order.</remarks>
[Trait("suite", "golden")]
public sealed class ReplayTests(PostgresServer postgres, KafkaServer kafka)
{
    // The form's own settings, which this test hands on, and those that change nothing here.
    private static readonly HashSet<string> Known =
    [
        "topic.prefix", "database.dbname", "plugin.name", "publication.name", "publication.autocreate.mode", "slot.name", "poll.interval.ms", "snapshot.mode", "tombstones.on.delete",
        "extended.headers.enabled", "message.key.columns", "event.processing.failure.handling.mode", "event.converting.failure.handling.mode", "unavailable.value.placeholder",
    ];

    /// <summary>Each scenario once, however often it was recorded.</summary>
    public static TheoryData<string> Scenarios() => [.. GoldenFolders.All.Keys.DistinctBy(name => name[(name.LastIndexOf('/') + 1)..])];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Replay_ScenarioOnARealDatabase_GivesRecordedRecords(string scenario)
    {
        var golden = GoldenScenario.Load(scenario);
        if (WhyNot(golden) is { } reason) Assert.Skip($"{scenario}: not supported yet: {reason}");
        await postgres.StartAsync();
        await kafka.StartAsync();
        await PostgresServer.ExecuteAsync(postgres.AdminConnectionString, "create database golden");
        await using var database = new TestDatabase(postgres, "golden"); // the recorded events name it
        var topics = golden.Records.Select(r => r.Topic).Distinct().ToList();
        var begin = await EndsAsync(topics);
        bool isLoaded;
        await using (var run = new ScenarioRun(database, kafka.BootstrapServers, ScenarioScript.Parse(golden.Sql))) isLoaded = await run.RunAsync(Events(golden));

        var records = await kafka.ConsumeAllAsync(topics);
        foreach (var topic in topics)
        {
            var expected = golden.Records.Where(r => r.Topic == topic && (isLoaded || r.SnapshotPlace is null)).ToList();
            var found = records.Where(r => r.Topic == topic && r.Offset >= begin.GetValueOrDefault(topic)).ToList();
            foreach (var (record, ours) in expected.Zip(found))
            {
                if (record.SnapshotPlace is not null && HasGenerated(golden, topic)) continue;
                var difference = GoldenComparer.Difference(record.Key, ours.Key, schemas: true, GoldenMasks.Replayed) is { } inKey ? "key, " + inKey
                    : GoldenComparer.Difference(record.Value, ours.Value, schemas: true, GoldenMasks.Replayed);
                Assert.True(difference is null, $"{golden.Name}, record {record.Number} ({topic}): {difference}");
            }

            Assert.True(expected.Count == found.Count, $"{golden.Name}: {expected.Count} records were expected in {topic}, {found.Count} are there.");
        }
    }

    private static string? WhyNot(GoldenScenario golden) =>
        GoldenSupport.WhyNot(golden) ?? golden.Settings.Select(s => s.Key).Where(name => !Known.Contains(name) && !name.StartsWith("recorder.", StringComparison.Ordinal)).Select(name => $"setting {name} in a replay").FirstOrDefault();

    // Debezium's loaded rows hold generated columns, its streamed ones don't; ours never do, so that a topic has one form.
    private static bool HasGenerated(GoldenScenario golden, string topic) =>
        golden.Catalog.First.Any(t => topic == $"{golden.Setting("topic.prefix")}.{t.FullName}" && t.Columns.Any(c => c.IsGenerated));

    private static DebeziumOptions Events(GoldenScenario golden) => new()
    {
        TopicPrefix = golden.Setting("topic.prefix")!,
        Database = golden.Setting("database.dbname")!,
        Schemas = true,
        Compatibility = Compatibility.Exact,
        TombstonesOnDelete = golden.Setting("tombstones.on.delete") != "false",
        MessageKeyColumns = golden.Setting("message.key.columns"),
        UnavailableValuePlaceholder = golden.Setting("unavailable.value.placeholder") ?? "__debezium_unavailable_value",
    };

    // Scenarios share topics, since their names are part of the events: what stands behind these places is this one's.
    private async Task<Dictionary<string, long>> EndsAsync(IReadOnlyList<string> topics)
    {
        var there = (await kafka.ListTopicsAsync()).Intersect(topics).ToList();
        if (there.Count == 0) return [];
        using var admin = kafka.Admin();
        var ends = await admin.ListOffsetsAsync(
            there.Select(t => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(t, 0), OffsetSpec = OffsetSpec.Latest() }), new ListOffsetsOptions { RequestTimeout = TimeSpan.FromSeconds(20) });
        return ends.ResultInfos.ToDictionary(i => i.TopicPartitionOffsetError.Topic, i => i.TopicPartitionOffsetError.Offset.Value);
    }
}
