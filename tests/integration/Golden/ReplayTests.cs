using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pathway.Tests.Integration.Servers;
using Pathway.Tests.Unit.Golden;

namespace Pathway.Tests.Integration.Golden;

/// <summary>The SQL of recorded scenarios, run on a real database, gives the records that the real Debezium made of it: through slot, initial load, engine, commit log and Kafka.</summary>
/// <remarks>Topics are compared one by one: between two of them Kafka has no order.</remarks>
[Trait("suite", "golden")]
public sealed class ReplayTests(PostgresServer postgres, KafkaServer kafka)
{
    /// <summary>Each scenario once, however often it was recorded.</summary>
    public static TheoryData<string> Scenarios() => [.. GoldenFolders.All.Keys.DistinctBy(PlainName)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Replay_ScenarioOnARealDatabase_GivesRecordedRecords(string scenario)
    {
        var golden = GoldenScenario.Load(scenario);
        if ((GoldenSupport.WhyNot(golden) ?? SameAsBefore(scenario, golden)) is { } reason) Assert.Skip($"{scenario}: not replayed: {reason}");
        await postgres.StartAsync();
        await kafka.StartAsync();
        await PostgresServer.ExecuteAsync(postgres.AdminConnectionString, "create database golden");
        await using var database = new TestDatabase(postgres, "golden"); // the recorded events name it
        var topics = golden.Records.Select(r => r.Topic).Distinct().ToList();
        var begin = await EndsAsync(topics);
        bool isLoaded;
        await using (var run = new ScenarioRun(database, kafka.BootstrapServers, ScenarioScript.Parse(golden.Sql))) isLoaded = await RunAsync(run, golden);

        var there = (await kafka.ListTopicsAsync()).Intersect(topics).ToList();
        var records = there.Count == 0 ? [] : await kafka.ConsumeAllAsync(there);
        foreach (var topic in topics)
        {
            var expected = golden.Records.Where(r => r.Topic == topic && ((isLoaded && !IsUnpublished(golden, topic)) || r.SnapshotPlace is null)).ToList();
            var found = records.Where(r => r.Topic == topic && r.Offset >= begin.GetValueOrDefault(topic)).ToList();
            // There are as many heartbeats as there is time, one like the other.
            if (topic.StartsWith("__debezium-heartbeat.", StringComparison.Ordinal)) expected = [.. found.Select(_ => expected[0])];
            foreach (var (record, ours) in expected.Zip(found))
            {
                if (record.SnapshotPlace is not null && HasGenerated(golden, topic)) continue;
                var ourRecord = new FoundRecord(ours.Topic, ours.Key, ours.Value, [.. ours.Headers.Select(h => (h.Name, h.Value ?? []))]);
                var difference = GoldenComparer.Differences(record, ourRecord, schemas: true, GoldenMasks.Replayed)
                    .FirstOrDefault(d => record.SnapshotPlace is null || (d.Path != "$.source.txId" && !(d.Path == "$.source.snapshot" && HasPartitioned(golden)))); // Debezium draws a transaction id for its reading, we have none
                Assert.True(difference is null, $"{golden.Name}, record {record.Number} ({topic}): {difference}");
            }

            Assert.True(expected.Count == found.Count && (found.Count > 0 || !topic.StartsWith("__debezium-heartbeat.", StringComparison.Ordinal)), $"{golden.Name}: {expected.Count} records were expected in {topic}, {found.Count} are there.");
        }
    }

    private static string PlainName(string scenario) => scenario[(scenario.LastIndexOf('/') + 1)..];

    // Settings of the form alone are the unit tests' business: the same SQL takes the same way.
    private static string? SameAsBefore(string scenario, GoldenScenario golden)
    {
        if (Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1") return null;
        var first = GoldenFolders.All.First(f => File.ReadAllText(Path.Combine(f.Value, "scenario.sql")) == golden.Sql).Key;
        return PlainName(first) == PlainName(scenario) ? null : $"its SQL is that of {first}; PATHWAY_LONG=1 replays both";
    }

    // Where a value can't be carried and that shall fail, the pipeline ends with it.
    private static async Task<bool> RunAsync(ScenarioRun run, GoldenScenario golden)
    {
        var heartbeat = TimeSpan.FromMilliseconds(int.Parse(golden.Setting("heartbeat.interval.ms") ?? "0", System.Globalization.CultureInfo.InvariantCulture));
        var options = GoldenOptions.Of(golden) with { Schemas = true };
        if (golden.Setting("event.processing.failure.handling.mode") is not (null or "fail") || !golden.Name.EndsWith("-fail", StringComparison.Ordinal)) return await run.RunAsync(options, heartbeat);
        await Assert.ThrowsAnyAsync<Pathway.Core.PathwayException>(() => run.RunAsync(options, heartbeat));
        return true;
    }

    // Debezium loads a partitioned table and its leaves, under both names, whichever of them is published; we read what is published, once.
    private static bool IsUnpublished(GoldenScenario golden, string topic) => HasPartitioned(golden) && topic.EndsWith(".sales", StringComparison.Ordinal) != (golden.Setting("publish.via.partition.root") == "true");

    private static bool HasPartitioned(GoldenScenario golden) => golden.Sql.Contains("PARTITION BY", StringComparison.Ordinal);

    // Debezium's loaded rows hold generated columns, its streamed ones don't; ours never do, so that a topic has one form.
    private static bool HasGenerated(GoldenScenario golden, string topic) =>
        golden.Catalog.First.Any(t => topic == $"{golden.Setting("topic.prefix")}.{t.FullName}" && t.Columns.Any(c => c.IsGenerated));

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
