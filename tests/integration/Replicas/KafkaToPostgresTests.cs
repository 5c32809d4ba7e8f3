using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>A database to Debezium's topics by one sync, and from there into another database by a second one, which is killed: the tables are equal, by checksum.</summary>
[Trait("suite", "kill")]
public sealed class KafkaToPostgresTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    [Fact]
    public async Task Sync_FromDebeziumsTopicsAndKilled_TargetEqualsSource()
    {
        await kafka.StartAsync();
        var traffic = new Traffic(Source, RunSeed) { Truncates = false };
        await traffic.CreateAsync();
        await Source.ExecuteAsync("INSERT INTO \"odd Table\" VALUES (md5('1')::uuid, '{\"a\": [1, null]}', '2026-01-01 00:00:00.5+02')");
        await Target.ExecuteAsync(Traffic.Schema);
        var first = new SyncRun(Source, kafka.BootstrapServers, "public.*", to: $$"""kafka: { topic-prefix: {{Source.Name}}, partitions: 2, schemas: true, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""");
        await using var upstream = await first.StartStreamingAsync();
        await upstream.WaitForLineAsync("Initial load complete");
        string[] topics = [$"{Source.Name}.public.documents", $"{Source.Name}.public.files", $"{Source.Name}.public.odd_Table"];
        await Eventually.TrueAsync(async () => topics.All((await kafka.ListTopicsAsync()).Contains), "the topics are there");
        var second = SyncRun.KafkaToPostgres(Target, kafka.BootstrapServers, string.Join(", ", topics));
        await using (var check = second.Start(null, "--check"))
        {
            Assert.True(await check.WaitForExitAsync() == 0, check.Everything);
            Assert.Contains(check.Output, line => line.StartsWith("Postgres target (postgres at ", StringComparison.Ordinal) && line.EndsWith("good", StringComparison.Ordinal));
        }

        foreach (var point in (string[])[FailPoints.DeliverBeforeCommit, FailPoints.DeliverAfterCommit, FailPoints.CommitAfterLogSync])
        {
            await using var process = second.Start($"{point}=kill@2");
            var exit = 0;
            await traffic.WhileAsync(async () => exit = await process.WaitForExitAsync());
            Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}.\n{process.Everything}");
        }

        await using var last = await second.StartStreamingAsync();
        await traffic.WriteAsync(30);
        await ArrivesAsync(last, Traffic.Tables);
        Assert.True(await last.TerminateAsync() == 0, last.Everything);
    }
}
