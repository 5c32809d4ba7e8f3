using System.Globalization;
using System.Text.Json;
using Npgsql;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Kafka;
using Pathway.Tests.Integration.Servers;
using Pathway.Tests.Integration.Views;

namespace Pathway.Tests.Integration.Kills;

/// <summary>An old snapshot is restored though topic, tables and file have more, and the replay is killed again and again: each target ends with what the input says, every change once and in order.</summary>
[Trait("suite", "kill")]
public sealed class RestoreKillTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output)
{
    private static readonly string[] Points =
    [
        FailPoints.RecoveryAfterReplay, FailPoints.ClaimAfterFence, FailPoints.ClaimAfterMarkerRead, FailPoints.CommitBeforeClose, FailPoints.CommitAfterLogSync, FailPoints.ClaimAfterMarkerWrite,
        FailPoints.CheckpointBeforeIngest, FailPoints.DeliverBeforeMarker, FailPoints.DeliverBeforeCommit, FailPoints.DeliverAfterCommit,
    ];

    private readonly string _folder = RunFolder.NewFolder("words");

    [Fact]
    public async Task OldSnapshot_RestoredAndKilledInTheReplay_EndsAsTheInputSays()
    {
        var random = new Random(Seed.OfThisRun(output));
        await using var database = await postgres.CreateDatabaseAsync();
        var topic = new TestTopic(kafka, partitions: 3);
        await topic.CreateAsync();
        var traffic = new WordTraffic(kafka, topic, random);
        await using (var process = Start(topic, database, null))
        {
            await process.WaitForLineAsync("^stops when asked$");
            await WriteAsync(traffic, transactions: 50);
            await EventuallyAsync(traffic, topic, database, process);
            var made = await PathwayAsync($"snapshots create {_folder}/state --to {_folder}/store");
            Assert.True(made.Contains("made in", StringComparison.Ordinal), $"{made}\n{process.Everything}");
            await WriteAsync(traffic, transactions: 200);
            await process.KillAsync();
        }

        for (var round = 0; round < 2; round++)
        {
            Directory.Delete(Path.Combine(_folder, "state"), recursive: true);
            Assert.Contains("restored into", await PathwayAsync($"snapshots restore --from {_folder}/store --to {_folder}/state"));
            foreach (var point in Points)
            {
                var isOnce = point.StartsWith("recovery", StringComparison.Ordinal) || point.StartsWith("claim", StringComparison.Ordinal);
                // The last of the claims is the one at the end of the replay.
                var hit = point == FailPoints.ClaimAfterMarkerWrite ? 2 : isOnce ? 1 : random.Next(1, 4);
                await using var process = Start(topic, database, string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{hit}"));
                using var enough = new CancellationTokenSource();
                var writing = Task.Run(() => traffic.Write(enough.Token));
                var exit = await process.WaitForExitAsync(TimeSpan.FromSeconds(90));
                await enough.CancelAsync();
                await writing;
                Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}.\n{process.Everything}");
            }

            await using var last = Start(topic, database, null);
            await last.WaitForLineAsync("^stops when asked$");
            await EventuallyAsync(traffic, topic, database, last);
            Assert.True(await last.TerminateAsync() == 0, last.Everything);
        }
    }

    private PathwayProcess Start(TestTopic topic, TestDatabase database, string? failPoints) => PathwayProcess.StartAssembly("Pathway.Tests.Programs.dll", ["words", _folder, "2"], new Dictionary<string, string?>
    {
        [FailPoint.Variable] = failPoints, ["KAFKA"] = kafka.BootstrapServers, ["TOPIC"] = topic.Name, ["POSTGRES"] = database.ConnectionString,
    });

    private async Task<string> PathwayAsync(string command)
    {
        await using var process = PathwayProcess.Start(command.Split(' '), folder: _folder);
        await process.WaitForExitAsync();
        return process.Everything;
    }

    private static async Task WriteAsync(WordTraffic traffic, int transactions)
    {
        using var enough = new CancellationTokenSource();
        var (until, writing) = (traffic.Transactions + transactions, Task.Run(() => traffic.Write(enough.Token), CancellationToken.None));
        await Eventually.TrueAsync(() => traffic.Transactions >= until || writing.IsCompleted, "transactions are written");
        await enough.CancelAsync();
        await writing;
    }

    private async Task EventuallyAsync(WordTraffic traffic, TestTopic topic, TestDatabase database, PathwayProcess process)
    {
        var missing = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    missing = !AreEqual(await traffic.FoundAsync($"{topic.Name}.counts"), traffic.Expected) ? "the topic"
                        : !AreEqual(await QueryAsync(database, "SELECT word, times FROM counts"), traffic.Expected) ? "the table"
                        : !AreEqual(await QueryAsync(database, "SELECT word, sum(times * diff)::bigint FROM changes GROUP BY word"), traffic.Expected) ? "the table of changes"
                        : !AreEqual(FoundInFile(), traffic.Expected) ? "the file" : "";
                    return missing == "" || process.HasExited;
                },
                "every target holds what the input says",
                TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} Not so: {missing}.\n{process.Everything}", e);
        }

        Assert.False(process.HasExited, process.Everything);
        // A change twice, or one left out, would not add up to each row once; and no row is there twice on the way.
        Assert.Empty(await QueryAsync(database, "SELECT word, times FROM changes GROUP BY word, times HAVING sum(diff) NOT IN (0, 1) OR count(*) > 2"));
        Assert.Empty(await QueryAsync(database, "SELECT word, times FROM (SELECT word, times, lag(times) OVER (PARTITION BY word ORDER BY time, times) AS before FROM changes WHERE diff = 1) c WHERE times <= before"));
    }

    private static bool AreEqual(Dictionary<string, long> found, Dictionary<string, long> expected) => found.Count == expected.Count && expected.All(e => found.GetValueOrDefault(e.Key) == e.Value);

    private static async Task<Dictionary<string, long>> QueryAsync(TestDatabase database, string sql)
    {
        var rows = new Dictionary<string, long>();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        if (await source.CreateCommand("SELECT to_regclass('public.changes') IS NULL").ExecuteScalarAsync() is true) return rows;
        await using var reader = await source.CreateCommand(sql).ExecuteReaderAsync();
        while (await reader.ReadAsync()) rows[reader.GetString(0)] = reader.GetInt64(1);
        return rows;
    }

    private Dictionary<string, long> FoundInFile()
    {
        var found = new Dictionary<string, long>();
        foreach (var line in ChangeFiles.WholeLinesOf(Path.Combine(_folder, "counts.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            var (word, times) = (json.RootElement.GetProperty("key").GetString()!, json.RootElement.GetProperty("row").GetProperty("times").GetInt64());
            Assert.True(times > found.GetValueOrDefault(word), $"{word}: {times} after {found.GetValueOrDefault(word)}");
            found[word] = times;
        }

        return found;
    }
}
